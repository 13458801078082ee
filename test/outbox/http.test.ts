import { verifySignature } from '../../outbox';
import { complaint, incident } from '../support/intakes';
import { TestSystem } from '../support/system';
import { Receiver } from './receiver';

let system: TestSystem;
let receiver: Receiver;
beforeAll(async () => {
  [system, receiver] = await Promise.all([TestSystem.start(), Receiver.start()]);
}, 120_000);
afterAll(async () => {
  await receiver.stop();
  await system.stop();
});

const ids = (): string[] => receiver.received.map((each) => String(each.headers['wenze-event-id']));

it('an administrator’s webhook gets what happens on cases, and what happened when asked to', async () => {
  const created = await system.send('administrator', 'POST', '/v1/webhooks', { url: receiver.url, caseTypes: ['complaint'], kinds: ['case-opened', 'note'] });
  expect(created).toMatchObject({ status: 201, body: { webhook: { state: 'active', url: receiver.url, sequence: 0 } } });
  const { secret, webhook } = created.body as { secret: string; webhook: { id: string } };

  const handler = await system.as('handler');
  await handler.startCase('incident-review', incident);
  const caseNumber = await handler.startCase('complaint', complaint);
  await handler.act(caseNumber, 'note', { text: '投诉人赵钱孙来电' });
  await receiver.until(2);
  expect(ids()).toEqual([`${caseNumber}:0000001`, expect.stringContaining(`${caseNumber}:`)]);
  expect(receiver.received.map((each) => (JSON.parse(each.body) as { kind: string }).kind)).toEqual(['case-opened', 'note']);
  for (const { headers, body } of receiver.received) {
    expect(verifySignature(secret, String(headers['wenze-signature']), body, Date.now() / 1000)).toBe(true);
    expect(body).not.toMatch(/赵钱孙|13900001234|办理用水证/);
  }

  const replayed = await system.send('administrator', 'POST', `/v1/webhooks/${webhook.id}/replay`, { from: 1 });
  expect(replayed.status).toBe(200);
  await receiver.until(4);
  expect(ids().slice(2)).toEqual(ids().slice(0, 2));

  await system.until(async () => ((await system.raw('administrator', 'GET', '/v1/webhooks')).body['items'] as { state: string; sequence: number; lastSuccessAt: string | null }[]).every((each) => each.sequence > 0 && each.lastSuccessAt !== null), 'the success to be seen');
  expect((await system.raw('administrator', 'GET', '/v1/webhooks')).text).not.toContain(secret);
  expect((await system.raw('administrator', 'DELETE', `/v1/webhooks/${webhook.id}`)).status).toBe(204);
  expect((await system.raw('administrator', 'GET', '/v1/webhooks')).body['items']).toEqual([]);
});

it.each<[string, string, object, number, string]>([
  ['handler', '/v1/webhooks', { url: 'https://records.example.org/' }, 403, 'not-allowed'],
  ['administrator', '/v1/webhooks', { url: 'http://169.254.169.254/' }, 400, 'invalid-fields'],
  ['administrator', '/v1/webhooks', { url: 'https://[::1]/' }, 400, 'invalid-fields'],
  ['administrator', '/v1/webhooks', { url: 'nonsense' }, 400, 'invalid-fields'],
  ['administrator', '/v1/webhooks', { url: 'https://records.example.org/', secret: 'short' }, 400, 'invalid-fields'],
  ['administrator', '/v1/webhooks', { url: 'https://records.example.org/', caseTypes: ['nothing'] }, 400, 'invalid-fields'],
  ['administrator', '/v1/webhooks/nothing/replay', {}, 404, 'unknown-webhook'],
])('%s %s %j → %i %s', async (user, path, body, status, code) => {
  expect(await system.send(user, 'POST', path, body)).toMatchObject({ status, body: { code } });
});
