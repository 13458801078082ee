import { complaint } from '../support/intakes';
import { TestSystem } from '../support/system';
import { civilDateAt } from '../../domain/civil-date';

let system: TestSystem;
beforeAll(async () => { system = await TestSystem.start(); }, 180_000);
afterAll(() => system.stop());

const entriesOf = async (caseNumber: string): Promise<unknown[]> =>
  (await system.store.audit.find(caseNumber)).map((entry) => [entry.user, entry.kind, entry.action, entry.outcome, entry.reason]);

test('every request on a case is one entry, read and change, success and failure; an unmasking is one of its own', async () => {
  const handler = await system.as('handler');
  const caseNumber = await handler.startCase('complaint', complaint);
  await handler.getCase(caseNumber);
  await system.raw('handler', 'GET', `/v1/cases/${caseNumber}?unmask=true`);
  await handler.act(caseNumber, 'note', { text: '已电话核实' });
  await system.send('handler', 'POST', `/v1/cases/${caseNumber}/actions/note`, {});
  await system.send('handler', 'POST', `/v1/cases/${caseNumber}/actions/extend`, { by: { amount: 3, unit: 'month' }, reasons: '路远' });
  await system.raw('department.transport', 'GET', `/v1/cases/${caseNumber}`);
  await system.raw('handler', 'GET', `/v1/cases/${caseNumber}/documents`);
  expect(await entriesOf(caseNumber)).toEqual([
    ['handler', 'change', 'case.start', 'allowed', null],
    ['handler', 'read', 'case.read', 'allowed', null],
    ['handler', 'unmask', 'personal.unmask', 'allowed', null],
    ['handler', 'change', 'action.note', 'allowed', null],
    ['handler', 'change', 'action.note', 'refused', 'invalid-fields'],
    ['handler', 'change', 'action.extend', 'refused', expect.stringMatching(/^[a-z-]+$/)],
    ['department.transport', 'read', 'case.read', 'refused', 'organ'],
    ['handler', 'read', 'document.read', 'allowed', null],
  ]);
});

test('lists, and addresses where nothing is, are on record as well; the chain of the day holds', async () => {
  await system.raw('leader', 'GET', '/v1/inbox', { headers: { 'x-request-id': 'look-at-the-inbox' } });
  await system.raw('leader', 'GET', '/v1/cases/TS-2026-999999', { headers: { 'x-request-id': 'look-for-nothing' } });
  const entries = system.store.connection.db.collection('audit');
  expect(await entries.findOne({ requestId: 'look-at-the-inbox' })).toMatchObject({ user: 'leader', action: 'inbox.read', kind: 'read', outcome: 'allowed', caseNumber: null });
  expect(await entries.findOne({ requestId: 'look-for-nothing' })).toMatchObject({ user: 'leader', action: 'case.read', outcome: 'refused', reason: 'unknown-case', caseNumber: 'TS-2026-999999' });
  expect(await system.store.audit.verify(civilDateAt(Date.now()))).not.toHaveProperty('fault');
});

test('no personal data in it', async () => {
  const text = JSON.stringify(await system.store.connection.db.collection('audit').find().toArray());
  for (const secret of [complaint.complainant.name, complaint.complainant.phone, complaint.complainant.idNumber, complaint.subject, '已电话核实', '路远']) expect(text).not.toContain(secret);
});
