import { randomUUID } from 'node:crypto';
import { DelegationStore } from '../../api/identity/delegations';
import { OfficerDirectory } from '../../api/identity/directory';
import { UserStore } from '../../api/identity/users';
import { refuseUnfitAssignee } from '../../api/routes/reassign';
import { connectTemporal } from '../../api/temporal/connection';
import { CaseGateway } from '../../api/temporal/gateway';
import { DAY_MS, civilDateAt } from '../../domain/civil-date';
import { demoOrganTree } from '../../policy/demo';
import { createDataConverter } from '../../temporal/codec';
import { complaint, explanation, incident } from '../support/intakes';
import { TestSystem, type RawAnswer } from '../support/system';

let system: TestSystem;
beforeAll(async () => { system = await TestSystem.start({ identityCacheMs: 0 }); }, 120_000);
afterAll(async () => { await system.stop(); });

const act = (user: string, caseNumber: string, action: string, body: object, headers: Record<string, string> = {}): Promise<RawAnswer> =>
  system.send(user, 'POST', `/v1/cases/${caseNumber}/actions/${action}`, body, headers);
const etagOf = async (caseNumber: string): Promise<string> => (await system.raw('handler', 'GET', `/v1/cases/${caseNumber}`)).headers.get('etag') ?? '';

describe('two officers with the same page before them', () => {
  it('are one decision: whoever comes second is told that the case has moved on', async () => {
    const caseNumber = await (await system.as('handler')).startCase('complaint', complaint);
    for (let round = 1; round <= 5; round += 1) {
      const seen = { 'if-match': await etagOf(caseNumber) };
      const answers = await Promise.all(['handler', 'handler.b', 'supervisor'].map((user) => act(user, caseNumber, 'note', { text: `第${round}轮` }, seen)));
      expect(answers.map((answer) => answer.status).sort()).toEqual([200, 412, 412]);
      for (const answer of answers.filter((each) => each.status === 412)) expect(answer.body).toMatchObject({ code: 'stale-revision', allowed: { revision: expect.any(Number) as unknown } });
    }
    const notes = (await system.store.cases.findEvents(caseNumber)).filter(({ event }) => event.kind === 'note');
    expect(notes).toHaveLength(5);
  });

  it('the case itself holds what the sender had seen against its own revision, whatever the door let through', async () => {
    const caseNumber = await (await system.as('handler')).startCase('complaint', complaint);
    const { client, connection } = connectTemporal({ address: system.temporal.address, namespace: system.temporal.namespace, dataConverter: createDataConverter(system.keyring) });
    try {
      const gateway = new CaseGateway(client, 'api-tests');
      const by = { kind: 'user', id: 'handler', organ: 'yz-complaints', roles: ['handler'] } as const;
      const note = (expected?: readonly number[]) => gateway.act(caseNumber, randomUUID(), { action: 'note', fields: { text: '附注' }, by, ...(expected === undefined ? {} : { expected }) });
      const { revision } = await system.store.cases.findView(caseNumber) ?? { revision: 0 };
      await expect(note([revision - 1])).rejects.toMatchObject({ refusal: 'stale-revision', detail: { allowed: { revision } } });
      await expect(note([])).rejects.toMatchObject({ refusal: 'stale-revision' });
      expect((await note([revision - 1, revision])).revision).toBe(revision + 1);
      expect((await note()).revision).toBe(revision + 2);
    } finally {
      await connection.close();
    }
  });

  it('the same request again is answered again, though its own answer has moved the case on', async () => {
    const caseNumber = await (await system.as('handler')).startCase('complaint', complaint);
    const headers = { 'if-match': await etagOf(caseNumber), 'idempotency-key': 'one-note' };
    const first = await act('handler', caseNumber, 'note', { text: '一次' }, headers);
    const again = await act('handler', caseNumber, 'note', { text: '一次' }, headers);
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.body).toEqual(first.body);
  });
});

describe('a step is given to somebody who can take it', () => {
  const step = 'explain.yz-water';
  let caseNumber: string;
  beforeAll(async () => { caseNumber = await (await system.as('supervisor')).startCase('incident-review', incident); });
  const reassign = (to: object): Promise<RawAnswer> => act('supervisor', caseNumber, 'reassign', { step, reasons: '分工调整', ...to });

  it.each<[string, object, number, string, object]>([
    ['nobody of that name', { user: 'department.nobody' }, 400, 'invalid-fields', { users: ['department', 'department.water', 'leader.water'] }],
    ['an officer without the role', { user: 'handler' }, 409, 'action-not-allowed', { users: ['department', 'department.water', 'leader.water'] }],
    ['an auditor', { user: 'auditor' }, 409, 'action-not-allowed', {}],
    ['an officer of another organ than the one named with them', { user: 'department.transport', organ: 'yz-water' }, 409, 'action-not-allowed', { users: ['department', 'department.water', 'leader.water'] }],
    ['an organ where nobody holds the role', { organ: 'yz-complaints-nowhere' }, 400, 'invalid-fields', {}],
    ['an organ without such officers', { organ: 'yz-personnel' }, 409, 'action-not-allowed', { roles: ['department', 'leader'], organs: expect.arrayContaining(['yz-water', 'yz-transport']) as unknown }],
  ])('not to %s', async (_, to, status, code, allowed) => {
    const answer = await reassign(to);
    expect(answer).toMatchObject({ status, body: { code } });
    if (Object.keys(allowed).length > 0) expect(answer.body['allowed']).toMatchObject(allowed);
    expect((await (await system.as('supervisor')).getCase(caseNumber)).openSteps[0]?.assignee).toMatchObject({ organ: 'yz-water' });
  });

  it('nor to somebody the case names, who is not offered either', async () => {
    const { db } = system.store.connection;
    const identity = { officers: new OfficerDirectory(new UserStore(db, demoOrganTree()), true, true) };
    const view = await system.store.cases.findView(caseNumber);
    if (view === null) throw new Error('not on file');
    const wanted = { step, user: 'department.water', reasons: '专人' };
    await expect(refuseUnfitAssignee({ identity }, view, wanted)).resolves.toBeUndefined();
    const naming = { ...view, persons: [{ role: 'accused' as const, name: '水务经办员乙', staffId: 'YZ1021', organ: 'yz-water' }] } as unknown as typeof view;
    await expect(refuseUnfitAssignee({ identity }, naming, wanted)).rejects.toMatchObject({ code: 'action-not-allowed', extras: { allowed: { users: ['department', 'leader.water'] } } });
  });

  it('with an identity provider, who has no account here yet is not doubted, and who has one is', async () => {
    const { db } = system.store.connection;
    const identity = { officers: new OfficerDirectory(new UserStore(db, demoOrganTree()), false, true) };
    const view = await system.store.cases.findView(caseNumber);
    if (view === null) throw new Error('not on file');
    await expect(refuseUnfitAssignee({ identity }, view, { step, user: 'sub-of-somebody', reasons: '专人' })).resolves.toBeUndefined();
    await expect(refuseUnfitAssignee({ identity }, view, { step, user: 'handler', reasons: '专人' })).rejects.toMatchObject({ code: 'action-not-allowed' });
  });

  it('but to one who fits', async () => {
    expect((await reassign({ user: 'department.water' })).status).toBe(200);
    expect((await reassign({ organ: 'yz-transport' })).status).toBe(200);
    expect((await reassign({ user: 'department.transport', organ: 'yz-transport' })).status).toBe(200);
  });
});

describe('standing in AB角 in a running case', () => {
  const today = civilDateAt(Date.now());
  const far = civilDateAt(Date.now() + 30 * DAY_MS);
  let delegations: DelegationStore;
  beforeAll(() => {
    const { db } = system.store.connection;
    delegations = new DelegationStore(db, new UserStore(db, demoOrganTree()), { keyring: system.keyring });
  });
  const open = async (): Promise<{ caseNumber: string; answer: (user: string) => Promise<RawAnswer> }> => {
    const caseNumber = await (await system.as('supervisor')).startCase('incident-review', incident);
    expect((await act('supervisor', caseNumber, 'reassign', { step: 'explain.yz-water', user: 'leader.water', reasons: '负责人说明' })).status).toBe(200);
    return { caseNumber, answer: (user) => system.send(user, 'POST', `/v1/cases/${caseNumber}/steps/explain.yz-water`, { answer: 'explain', ...explanation }) };
  };

  it('the deputy answers while it lasts, and both are on record; the moment it ends, no more', async () => {
    const [during, after] = [await open(), await open()];
    expect((await during.answer('department')).status).toBe(403);
    const { _id } = await delegations.create({ principal: 'leader.water', deputy: 'department', from: today, until: far, reason: '外出' }, 'leader.water');
    expect((await during.answer('department')).status).toBe(200);
    const [answered] = (await system.store.cases.findEvents(during.caseNumber)).filter(({ event }) => event.kind === 'step-answered');
    expect(answered?.event.by).toMatchObject({ id: 'department', onBehalfOf: 'leader.water' });
    await delegations.revoke(_id, 'leader.water');
    expect(await after.answer('department')).toMatchObject({ status: 403, body: { code: 'not-yours' } });
    expect((await after.answer('leader.water')).status).toBe(200);
  });

  it('one that ran out yesterday, or begins tomorrow, opens nothing', async () => {
    const { answer } = await open();
    const { db } = system.store.connection;
    const lastWeek = new DelegationStore(db, new UserStore(db, demoOrganTree()), { keyring: system.keyring, now: () => Date.now() - 7 * DAY_MS });
    await lastWeek.create({ principal: 'leader.water', deputy: 'department', from: lastWeek.today(), until: civilDateAt(Date.now() - DAY_MS), reason: '过期' }, 'leader.water');
    const tomorrow = await delegations.create({ principal: 'leader.water', deputy: 'department', from: civilDateAt(Date.now() + DAY_MS), until: civilDateAt(Date.now() + DAY_MS), reason: '未到' }, 'leader.water');
    expect((await answer('department')).status).toBe(403);
    await delegations.revoke(tomorrow._id, 'leader.water');
  });

  it('is not passed on: the deputy of a deputy answers nothing of the first', async () => {
    const { answer } = await open();
    const chain = [
      await delegations.create({ principal: 'leader.water', deputy: 'department', from: today, until: far, reason: '外出' }, 'leader.water'),
      await delegations.create({ principal: 'department', deputy: 'department.water', from: today, until: far, reason: '外出' }, 'department'),
    ];
    expect((await answer('department.water')).status).toBe(403);
    expect((await answer('department')).status).toBe(200);
    for (const { _id } of chain) await delegations.revoke(_id, 'administrator');
  });

  it('two that overlap, entered in the same moment, are one place, and the end of one leaves the other', async () => {
    const { answer } = await open();
    const one = await delegations.create({ principal: 'leader.water', deputy: 'department', from: today, until: today, reason: '外出' }, 'leader.water');
    const two = { ...one, _id: randomUUID() };
    await system.store.connection.db.collection<typeof two>('delegations').insertOne(two);
    expect((await system.raw('department', 'GET', '/v1/me')).body['standsInFor']).toEqual([expect.objectContaining({ id: 'leader.water' })]);
    await delegations.revoke(one._id, 'leader.water');
    expect((await answer('department')).status).toBe(200);
    await delegations.revoke(two._id, 'leader.water');
    expect((await system.raw('department', 'GET', '/v1/me')).body['standsInFor']).toEqual([]);
  });

  it('a deputy whom the case names is recused, and so is the deputy of a principal whom it names', async () => {
    const person = { name: '水务经办员乙', staffId: 'YZ1021', organ: 'yz-water', postLevel: 'civil-servant' };
    const caseNumber = await (await system.as('handler')).startCase('complaint', { ...complaint, accused: { organ: 'yz-water', person } });
    const given = [
      await delegations.create({ principal: 'department', deputy: 'department.water', from: today, until: far, reason: '外出' }, 'department'),
      await delegations.create({ principal: 'department.water', deputy: 'leader.water', from: today, until: far, reason: '外出' }, 'department.water'),
    ];
    expect(await system.raw('department.water', 'GET', `/v1/cases/${caseNumber}`)).toMatchObject({ status: 403, body: { code: 'recusal' } });
    // The head reads the case in the own place, never in that of the person named.
    expect((await system.raw('leader.water', 'GET', `/v1/cases/${caseNumber}`)).status).toBe(200);
    for (const { _id } of given) await delegations.revoke(_id, 'administrator');
  });
});
