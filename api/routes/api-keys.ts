import { UnknownOrgan } from '../../domain/organs';
import type { contract } from '../contract';
import type { Call, Reply } from '../http/bind';
import { ExpiryPassed, type KeyView } from '../identity/api-keys';
import type { Service } from '../parts';
import { instant } from '../present/case';
import { problem, type ApiProblem } from '../problems';
import { recordAccess } from './find-case';

type CreateRoute = typeof contract.createApiKey;
type ListRoute = typeof contract.listApiKeys;
type RevokeRoute = typeof contract.revokeApiKey;

const orNull = (at: number | null): string | null => (at === null ? null : instant(at));
const present = (key: KeyView) => ({
  ...key, roles: [...key.roles], scopes: [...key.scopes], expiresAt: orNull(key.expiresAt), createdAt: instant(key.createdAt), lastUsedAt: orNull(key.lastUsedAt), revokedAt: orNull(key.revokedAt),
});

/** Which key it was stands where a refusal has its reason; what it was given for stays on record with the key. */
const recorded = (service: Service, call: Call<CreateRoute> | Call<RevokeRoute>, action: string, id: string): Promise<void> =>
  recordAccess(service, { caller: call.caller, requestId: call.requestId }, action, { caseNumber: null, outcome: 'allowed', reason: id });

/** POST /v1/api-keys */
export const createApiKey = (service: Service) => async (call: Call<CreateRoute>): Promise<Reply<CreateRoute>> => {
  const { expiresAt, ...wanted } = call.body;
  try {
    const { view, key } = await service.identity.keys.issue({ ...wanted, expiresAt: expiresAt === null ? null : Date.parse(expiresAt) }, call.caller.id, service.organs);
    await recorded(service, call, 'key.create', view.id);
    return { status: 201, headers: { Location: `/v1/api-keys/${view.id}`, 'Cache-Control': 'no-store' }, body: { apiKey: present(view), key } };
  } catch (error) {
    throw problemOf(error) ?? error;
  }
};

/** GET /v1/api-keys */
export const listApiKeys = (service: Service) => async (call: Call<ListRoute>): Promise<Reply<ListRoute>> => {
  const { items, next } = await service.identity.keys.page(call.query);
  return { status: 200, body: { items: items.map(present), next } };
};

/** DELETE /v1/api-keys/{keyId} */
export const revokeApiKey = (service: Service) => async (call: Call<RevokeRoute>): Promise<Reply<RevokeRoute>> => {
  const { keyId } = call.params;
  const { keys } = service.identity;
  const ended = await keys.revoke(keyId, call.caller.id);
  const found = await keys.find(keyId);
  if (found === null) throw problem('unknown-key', `没有密钥 ${keyId}`, `no key "${keyId}"`);
  if (ended) await recorded(service, call, 'key.revoke', keyId);
  return { status: 200, body: present(found) };
};

function problemOf(error: unknown): ApiProblem | null {
  const field = (path: string, zh: string, { message }: Error): ApiProblem => problem('invalid-fields', zh, message, { errors: [{ path, message }], cause: error });
  if (error instanceof UnknownOrgan) return field('organ', '没有这个机构', error);
  if (error instanceof ExpiryPassed) return field('expiresAt', '有效期须晚于现在', error);
  return null;
}
