import { RefusedAddress, type Subscription } from '../../outbox';
import type { contract } from '../contract';
import type { Call, Reply } from '../http/bind';
import type { Service } from '../parts';
import { instant } from '../present/case';
import { problem, type ApiProblem } from '../problems';
import { recordAccess } from './find-case';

type CreateRoute = typeof contract.createWebhook;
type ListRoute = typeof contract.listWebhooks;
type DeleteRoute = typeof contract.deleteWebhook;
type ReplayRoute = typeof contract.replayWebhook;

const present = (each: Subscription) => ({
  id: each.id, url: each.url, kinds: [...each.kinds], caseTypes: [...each.caseTypes], state: each.state, sequence: each.cursor, failures: each.failures, lastFault: each.lastFault,
  lastSuccessAt: each.lastSuccessAt === null ? null : instant(each.lastSuccessAt), nextAttemptAt: each.state === 'retrying' ? instant(each.nextAt) : null,
  createdAt: instant(each.createdAt), createdBy: each.createdBy,
});

const unknown = (id: string): ApiProblem => problem('unknown-webhook', `没有订阅 ${id}`, `no webhook "${id}"`);
const recorded = (service: Service, call: Call<CreateRoute> | Call<DeleteRoute> | Call<ReplayRoute>, action: string): Promise<void> =>
  recordAccess(service, { caller: call.caller, requestId: call.requestId }, action, { caseNumber: null, outcome: 'allowed' });

/** POST /v1/webhooks */
export const createWebhook = (service: Service) => async (call: Call<CreateRoute>): Promise<Reply<CreateRoute>> => {
  const { feed, subscriptions } = service.annexes.outbox;
  const unknownTypes = call.body.caseTypes.filter((type) => service.definitions.find(type) === undefined);
  if (unknownTypes.length > 0) throw problem('invalid-fields', '有不存在的案件类型', 'a case type does not exist', { errors: unknownTypes.map((type) => ({ path: 'caseTypes', message: `no case type "${type}"` })) });
  try {
    const { subscription, secret } = await subscriptions.create(call.body, call.caller.id, await feed.last());
    await recorded(service, call, 'webhook.create');
    return { status: 201, headers: { Location: `/v1/webhooks/${subscription.id}` }, body: { webhook: present(subscription), secret } };
  } catch (error) {
    if (error instanceof RefusedAddress) throw problem('invalid-fields', '该地址不可订阅', error.message, { errors: [{ path: 'url', message: error.message }], cause: error });
    throw error;
  }
};

/** GET /v1/webhooks */
export const listWebhooks = (service: Service) => async (_call: Call<ListRoute>): Promise<Reply<ListRoute>> => {
  const { feed, subscriptions } = service.annexes.outbox;
  const [items, head] = await Promise.all([subscriptions.list(), feed.last()]);
  return { status: 200, body: { items: items.map(present), head } };
};

/** DELETE /v1/webhooks/{webhookId} */
export const deleteWebhook = (service: Service) => async (call: Call<DeleteRoute>): Promise<Reply<DeleteRoute>> => {
  if (!await service.annexes.outbox.subscriptions.remove(call.params.webhookId)) throw unknown(call.params.webhookId);
  await recorded(service, call, 'webhook.delete');
  return { status: 204 };
};

/** POST /v1/webhooks/{webhookId}/replay */
export const replayWebhook = (service: Service) => async (call: Call<ReplayRoute>): Promise<Reply<ReplayRoute>> => {
  const replayed = await service.annexes.outbox.subscriptions.replay(call.params.webhookId, call.body.from);
  if (replayed === null) throw unknown(call.params.webhookId);
  await recorded(service, call, 'webhook.replay');
  return { status: 200, body: present(replayed) };
};
