import { randomUUID } from 'node:crypto';
import { DelegationStore } from '../../api/identity/delegations';
import { UserStore } from '../../api/identity/users';
import { connectTemporal } from '../../api/temporal/connection';
import { CaseGateway } from '../../api/temporal/gateway';
import { CannotOpen } from '../../crypto/keyring';
import { DAY_MS, civilDateAt } from '../../domain/civil-date';
import { demoOrganTree } from '../../policy/demo';
import { createDataConverter } from '../../temporal/codec';
import { complaint, explanation, incident } from '../support/intakes';
import { TestSystem, type RawAnswer } from '../support/system';

let system: TestSystem;
beforeAll(async () => { system = await TestSystem.start(); }, 120_000);
afterAll(async () => { await system.stop(); });

const day = (days: number): string => civilDateAt(Date.now() + days * DAY_MS);
const wish = (over: object = {}): object => ({ principal: 'leader.water', deputy: 'department', from: day(0), until: day(30), reason: '外出培训', ...over });
const give = (by: string, over: object = {}): Promise<RawAnswer> => system.send(by, 'POST', '/v1/delegations', wish(over));
const end = (by: string, id: string): Promise<RawAnswer> => system.raw(by, 'POST', `/v1/delegations/${id}/end`);
/** Ids that a user sees, all pages. */
const seen = async (by: string): Promise<string[]> => {
  const client = await system.as(by);
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const { body } = await client.call('listDelegations', { query: { limit: 2, cursor } });
    ids.push(...body.items.map((each) => each.id));
    cursor = body.next ?? undefined;
  } while (cursor !== undefined);
  return ids;
};
const made = async (by: string, over: object = {}): Promise<string> => {
  const answer = await give(by, over);
  expect(answer.status).toBe(201);
  return String(answer.body['id']);
};
const audited = async (action: string): Promise<{ user: string; outcome: string; reason: string | null }[]> =>
  system.store.connection.db.collection<{ user: string; outcome: string; reason: string | null; action: string }>('audit').find({ action }, { projection: { _id: 0, user: 1, outcome: 1, reason: 1 } }).toArray();

describe('a deputy in a running case', () => {
  const open = async (): Promise<{ caseNumber: string; answer: (user: string) => Promise<RawAnswer> }> => {
    const caseNumber = await (await system.as('supervisor')).startCase('incident-review', incident);
    await (await system.as('supervisor')).act(caseNumber, 'reassign', { step: 'explain.yz-water', user: 'leader.water', reasons: '负责人说明' });
    return { caseNumber, answer: (user) => system.send(user, 'POST', `/v1/cases/${caseNumber}/steps/explain.yz-water`, { answer: 'explain', ...explanation }) };
  };

  it('answers from the moment it is given, with both names on record, and no more from the moment it is ended', async () => {
    const [during, after] = [await open(), await open()];
    expect(await during.answer('department')).toMatchObject({ status: 403, body: { code: 'not-yours' } });
    const client = await system.as('leader.water');
    const { status, body, headers } = await client.call('createDelegation', { body: { principal: 'leader.water', deputy: 'department', from: day(0), until: day(30), reason: '外出培训' } });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/v1/delegations/${body.id}`);
    expect(body).toMatchObject({ organ: 'yz-water', roles: null, state: 'active', createdBy: 'leader.water', endedAt: null });
    expect((await system.raw('department', 'GET', '/v1/me')).body['standsInFor']).toEqual([{ id: 'leader.water', organ: 'yz-water', roles: ['leader'] }]);
    expect((await during.answer('department')).status).toBe(200);
    const { body: events } = await (await system.as('supervisor')).call('listEvents', { params: { caseNumber: during.caseNumber } });
    expect(events.items.find((each) => each.kind === 'step-answered')?.by).toMatchObject({ id: 'department', onBehalfOf: 'leader.water' });

    expect(await end('leader.water', body.id)).toMatchObject({ status: 200, body: { state: 'ended', endedBy: 'leader.water' } });
    expect(await after.answer('department')).toMatchObject({ status: 403, body: { code: 'not-yours' } });
    expect((await after.answer('leader.water')).status).toBe(200);
    expect(await end('leader.water', body.id)).toMatchObject({ status: 409, body: { code: 'delegation-ended' } });
    const reason = `department for leader.water: ${body.id}`;
    expect(await audited('delegation.create')).toContainEqual({ user: 'leader.water', outcome: 'allowed', reason });
    expect(await audited('delegation.end')).toContainEqual({ user: 'leader.water', outcome: 'allowed', reason });
    expect(await audited('delegation.change')).toContainEqual({ user: 'leader.water', outcome: 'refused', reason: 'delegation-ended' });
  });

  it('answers nothing by one that begins tomorrow', async () => {
    const { answer } = await open();
    const tomorrow = await give('leader.water', { from: day(1) });
    expect(tomorrow).toMatchObject({ status: 201, body: { state: 'upcoming' } });
    expect((await answer('department')).status).toBe(403);
    await end('leader.water', String(tomorrow.body['id']));
  });
});

describe('what is refused', () => {
  it.each<[string, string, object, number, string, string | null]>([
    ['to oneself', 'leader.water', { deputy: 'leader.water' }, 400, 'invalid-fields', 'deputy'],
    ['backwards', 'leader.water', { from: day(3), until: day(2) }, 400, 'invalid-fields', 'until'],
    ['on a day that is none', 'leader.water', { until: '2030-02-30' }, 400, 'invalid-fields', 'until'],
    ['for a day that is over', 'leader.water', { from: day(-1) }, 400, 'invalid-fields', 'from'],
    ['to nobody', 'leader.water', { deputy: 'nobody' }, 400, 'invalid-fields', 'deputy'],
    ['of nobody, by the administrator', 'administrator', { principal: 'nobody' }, 400, 'invalid-fields', 'principal'],
    ['of a role not held', 'leader.water', { roles: ['approver'] }, 400, 'invalid-fields', 'roles'],
    ['without a reason', 'leader.water', { reason: '' }, 400, 'invalid-fields', 'reason'],
    ['to another organ', 'leader.water', { deputy: 'department.transport' }, 409, 'delegation-not-allowed', null],
    ['of an auditor', 'administrator', { principal: 'auditor', deputy: 'referrer' }, 409, 'delegation-not-allowed', null],
    ['by the head to the own person', 'leader.water', { principal: 'department', deputy: 'leader.water' }, 409, 'delegation-not-allowed', null],
    ['for a colleague, who is not the own person', 'department.water', {}, 403, 'not-allowed', null],
    ['for an officer of another organ, by a head', 'leader.transport', {}, 403, 'not-allowed', null],
    ['for nobody, by a head, who is not told that', 'leader.transport', { principal: 'nobody' }, 403, 'not-allowed', null],
    ['by an auditor', 'auditor', { principal: 'auditor' }, 403, 'not-allowed', null],
    ['by a complainant', 'complainant', { principal: 'complainant' }, 403, 'not-allowed', null],
  ])('%s', async (_, by, over, status, code, path) => {
    const answer = await give(by, over);
    expect(answer).toMatchObject({ status, body: { code } });
    if (path !== null) expect((answer.body['errors'] as { path: string }[]).map((each) => each.path)).toContain(path);
  });

  it('one for days that the same two have already, which is named', async () => {
    const id = await made('leader.water');
    expect(await give('leader.water', { from: day(30), until: day(40) })).toMatchObject({ status: 409, body: { code: 'delegation-overlaps', allowed: { existing: { id } } } });
    await end('leader.water', id);
    const next = await made('leader.water', { from: day(30), until: day(40) });
    await end('leader.water', next);
  });
});

describe('whose it is', () => {
  it('each sees and ends the own, a head those of the organ, the administrator all; the auditor sees all and ends none', async () => {
    const own = await made('department', { principal: 'department', deputy: 'department.water' });
    const byHead = await made('leader.water', { principal: 'department.water', deputy: 'department' });
    const elsewhere = await made('administrator', { principal: 'handler', deputy: 'handler.b' });
    const of = async (by: string): Promise<string[]> => (await seen(by)).filter((id) => [own, byHead, elsewhere].includes(id));
    for (const [by, expected] of [
      ['department', [byHead, own]], ['department.water', [byHead, own]], ['leader.water', [byHead, own]], ['handler', [elsewhere]], ['handler.b', [elsewhere]], ['leader.transport', []],
      ['reviewer', []], ['auditor', [elsewhere, byHead, own]], ['administrator', [elsewhere, byHead, own]],
    ] as const) expect([by, await of(by)]).toEqual([by, expected]);

    for (const by of ['department', 'leader.transport', 'reviewer']) expect(await end(by, elsewhere)).toMatchObject({ status: 404, body: { code: 'unknown-delegation' } });
    expect(await end('auditor', elsewhere)).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
    expect(await end('administrator', randomUUID())).toMatchObject({ status: 404, body: { code: 'unknown-delegation' } });
    // Whoever holds one may lay it down.
    expect(await end('department.water', own)).toMatchObject({ status: 200, body: { endedBy: 'department.water' } });
    expect((await end('leader.water', byHead)).status).toBe(200);
    expect((await end('administrator', elsewhere)).status).toBe(200);
    expect(await of('auditor')).toEqual([elsewhere, byHead, own]);
  });

  it('the deputy of a head appoints nobody in the head\'s place', async () => {
    const id = await made('leader.water');
    expect(await give('department', { principal: 'department.water', deputy: 'leader.water' })).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
    expect(await give('department', { deputy: 'department.water' })).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
    await end('leader.water', id);
  });
});

describe('what the two learn of it by themselves', () => {
  interface Told { readonly id: string; readonly state: string; readonly text: { readonly zh: string; readonly en: string } }
  const told = async (by: string): Promise<Told[]> => (await system.raw(by, 'GET', '/v1/me')).body['delegations'] as Told[];
  const name = async (id: string): Promise<string> => String((await system.raw(id, 'GET', '/v1/me')).body['name']);

  it('who is signed in is told for whom one stands in and who stands in for one, until when, and not why', async () => {
    const [now, later] = [await made('leader.water', { reason: '住院手术' }), await made('leader.water', { from: day(40), until: day(41), roles: ['leader'], reason: '住院手术' })];
    const [deputy, principal] = [await told('department'), await told('leader.water')];
    const [head, officer] = [await name('leader.water'), await name('department')];
    expect(deputy).toEqual([
      { id: now, principal: 'leader.water', deputy: 'department', roles: null, from: day(0), until: day(30), state: 'active',
        text: { zh: `${day(0)}至${day(30)},您代行${head}(leader.water)的职责`, en: `from ${day(0)} to ${day(30)} you stand in for ${head} (leader.water)` } },
      { id: later, principal: 'leader.water', deputy: 'department', roles: ['leader'], from: day(40), until: day(41), state: 'upcoming',
        text: { zh: `${day(40)}至${day(41)},您代行${head}(leader.water)的职责(限于机关负责人)`, en: `from ${day(40)} to ${day(41)} you stand in for ${head} (leader.water) (only as Head of the organ)` } },
    ]);
    expect(principal.map((each) => [each.id, each.state, each.text.zh])).toEqual([
      [now, 'active', `${day(0)}至${day(30)},由${officer}(department)代行您的职责`], [later, 'upcoming', `${day(40)}至${day(41)},由${officer}(department)代行您的职责(限于机关负责人)`],
    ]);
    const signedIn = await system.send(null, 'POST', '/v1/sessions', { username: 'department', password: 'wenze-demo' });
    expect((signedIn.body['user'] as { delegations: unknown }).delegations).toEqual(deputy);
    expect(JSON.stringify([deputy, principal, signedIn.body])).not.toContain('住院');

    await system.store.connection.db.collection<{ _id: string }>('users').updateOne({ _id: 'leader.water' }, { $set: { disabled: true } });
    expect(await told('department')).toEqual([]);
    await system.store.connection.db.collection<{ _id: string }>('users').updateOne({ _id: 'leader.water' }, { $set: { disabled: false } });
    for (const id of [now, later]) await end('leader.water', id);
    expect([await told('department'), await told('leader.water'), await told('department.water'), await told('administrator')]).toEqual([[], [], [], []]);
  });
});

describe('why somebody is away', () => {
  it('lies sealed, is read where delegations are, and one from before it was sealed is sealed at the start', async () => {
    const { db } = system.store.connection;
    const rows = db.collection<{ _id: string; reason?: string; sealedReason?: string }>('delegations');
    const id = await made('leader.water', { reason: '住院手术' });
    expect(JSON.stringify(await rows.findOne({ _id: id }))).not.toContain('住院');
    const listed = async (by: string): Promise<unknown> => (await (await system.as(by)).call('listDelegations', { query: { limit: 1 } })).body.items.map((each) => [each.id, each.reason]);
    for (const by of ['leader.water', 'department', 'administrator', 'auditor']) expect([by, await listed(by)]).toEqual([by, [[id, '住院手术']]]);

    await rows.updateOne({ _id: id }, { $set: { reason: '住院手术' }, $unset: { sealedReason: '' } });
    const store = new DelegationStore(db, new UserStore(db, demoOrganTree()), { keyring: system.keyring });
    await store.prepare();
    await store.prepare();
    const after = await rows.findOne({ _id: id });
    expect([after?.reason, JSON.stringify(after).includes('住院')]).toEqual([undefined, false]);
    expect(await listed('leader.water')).toEqual([[id, '住院手术']]);
    await end('leader.water', id);
  });

  it('moved to another delegation it does not open', async () => {
    const { db } = system.store.connection;
    const rows = db.collection<{ _id: string; sealedReason: string }>('delegations');
    const [one, other] = [await made('department', { principal: 'department', deputy: 'department.water', reason: '甲' }), await made('leader.water', { reason: '乙' })];
    const [before, foreign] = [await rows.findOne({ _id: other }), await rows.findOne({ _id: one })];
    await rows.updateOne({ _id: other }, { $set: { sealedReason: foreign?.sealedReason ?? '' } });
    await expect(new DelegationStore(db, new UserStore(db, demoOrganTree()), { keyring: system.keyring }).find(other)).rejects.toThrow(CannotOpen);
    await rows.updateOne({ _id: other }, { $set: { sealedReason: before?.sealedReason ?? '' } });
    await end('department', one);
    await end('leader.water', other);
  });
});

describe('recusal 回避', () => {
  const person = { name: '水务经办员乙', staffId: 'YZ1021', organ: 'yz-water', postLevel: 'civil-servant' };
  const naming = async (): Promise<string> => (await system.as('handler')).startCase('complaint', { ...complaint, accused: { organ: 'yz-water', person } });

  it('a case that names the one stood in for is not in the deputy\'s inbox in that one\'s place', async () => {
    const named = await naming();
    const tasks = system.store.connection.db.collection('tasks');
    await system.until(async () => await tasks.countDocuments({ caseNumber: named }) === 1, 'the task');
    await tasks.updateOne({ caseNumber: named }, { $set: { user: 'department.water' } });
    const inbox = async (): Promise<string[]> => (await (await system.as('leader.water')).call('readInbox', { query: { limit: 100 } })).body.items.map((each) => each.caseNumber);
    const id = await made('department.water', { principal: 'department.water', deputy: 'leader.water' });
    expect(await inbox()).not.toContain(named);
    await tasks.updateOne({ caseNumber: named }, { $set: { namedStaff: [] } });
    expect(await inbox()).toContain(named);
    await end('department.water', id);
  });

  it.each([
    ['a deputy who is not named, for a principal who is', { id: 'handler', staffId: 'YZ1001', onBehalfOf: 'handler.b', onBehalfOfStaffId: 'YZ1021' }, 'recusal'],
    ['a deputy who is named, for a principal who is not', { id: 'handler', staffId: 'YZ1021', onBehalfOf: 'handler.b', onBehalfOfStaffId: 'YZ1002' }, 'recusal'],
    ['a deputy and a principal, neither named', { id: 'handler', staffId: 'YZ1001', onBehalfOf: 'handler.b', onBehalfOfStaffId: 'YZ1002' }, null],
  ])('the case itself, whatever the door let through: %s', async (_, who, refusal) => {
    const caseNumber = await naming();
    const { client, connection } = connectTemporal({ address: system.temporal.address, namespace: system.temporal.namespace, dataConverter: createDataConverter(system.keyring) });
    try {
      const gateway = new CaseGateway(client, 'api-tests');
      const by = { kind: 'user', organ: 'yz-complaints', roles: ['handler'], ...who } as const;
      const attempts = [
        gateway.act(caseNumber, randomUUID(), { action: 'note', fields: { text: '附注' }, by }),
        gateway.answer(caseNumber, randomUUID(), { step: 'route', answer: 'route', fields: { organ: 'yz-water', procedure: '调查后答复' }, by }),
      ];
      const outcomes = (await Promise.allSettled(attempts)).map((each) => (each.status === 'fulfilled' ? null : (each.reason as { refusal?: string }).refusal));
      expect(outcomes).toEqual([refusal, refusal]);
    } finally {
      await connection.close();
    }
  });
});
