import { buffer } from 'node:stream/consumers';
import type { Fault } from '../../evidence/verify-chain';
import { exportCase, type ExportSources } from '../../store/export-case';
import { reportLines } from '../../evidence/report';
import { verifyExport } from '../../evidence/verify';
import { DocumentStore } from '../../documents';
import { loadLaw } from '../../policy/load';
import { RetentionStore, retentionParts } from '../../store/retention';
import { CaseWorld, personOf } from '../support/case-world';
import { complaint, explanation, notInvolved } from '../support/intakes';

let world: CaseWorld;
let sources: ExportSources;
let documents: DocumentStore;
let retention: RetentionStore;

// Friday 1 March 2030.
beforeAll(async () => {
  world = await CaseWorld.begin('2030-03-01');
  documents = new DocumentStore(world.store.connection.db, world.keyring);
  await documents.ensureIndexes();
  retention = new RetentionStore(retentionParts(world.store, world.keyring, documents));
  await retention.ensureIndexes();
  sources = { store: world.store, law: loadLaw(), documents };
}, 180_000);
afterAll(() => world.end());

const incident = {
  category: 'work-safety', subject: '水库溢洪道闸门故障', facts: '汛前检查发现闸门不能启闭。', occurredOn: '2030-02-27', organs: ['yz-water'],
};
const report = {
  facts: '经查,检修责任未落实。', leadership: { examined: true, result: '分管负责人已作检查' }, dereliction: false, touchesHead: false, levelsNotInvolved: notInvolved('review', 'approval'),
  findings: [{ level: 'handling', person: personOf('department.water'), responsible: false, fault: '未按期检修', duty: '水利工程检修', cause: 'duty-not-performed' }],
};

const exported = async (caseNumber: string, redacted = false): Promise<Buffer> => {
  const { bytes, stream } = await exportCase(sources, caseNumber, { redacted });
  const whole = await buffer(stream);
  expect(whole.length).toBe(bytes);
  return whole;
};
const verdict = async (caseNumber: string, redacted = false): Promise<string> => reportLines(verifyExport(await exported(caseNumber, redacted))).at(-1) ?? '';
const clean = (caseNumber: string): string => `${caseNumber} 全部成立 everything holds`;

/** Makes the roots of every day until the test's present. */
async function makeRoots(): Promise<void> {
  await world.store.roots.makeDue(await world.now());
}

async function closedIncident(besides: (number: string) => Promise<unknown> = () => Promise.resolve()): Promise<string> {
  const number = await world.start('incident-review', incident, 'supervisor');
  await besides(number);
  await world.act(number, 'note', { text: '已电话核实,联系人张三' }, 'supervisor');
  await world.answer(number, 'explain.yz-water', 'explain', explanation, 'department');
  await world.answer(number, 'examine.yz-water', 'return', { reasons: '责任机制一节不具体' }, 'leader');
  await world.answer(number, 'explain.yz-water', 'explain', explanation, 'department');
  await world.answer(number, 'examine.yz-water', 'accept', {}, 'leader');
  await world.answer(number, 'investigate', 'report', report, 'supervisor');
  await world.answer(number, 'approve', 'approve', {}, 'leader');
  await world.untilOpen(number, 'notify.yz-water');
  await world.answer(number, 'notify.yz-water', 'notify', { text: '通报调查处理情况' }, 'department');
  await world.result(number);
  return number;
}

/** A document as the API files it: the bytes first, then the event that names them. */
async function hand(number: string, content: string): Promise<string> {
  const put = await documents.put({ caseNumber: number, kind: 'evidence', name: '记录.txt', title: '现场记录', by: 'supervisor', at: 1, confidential: false }, (async function* () { yield await Promise.resolve(Buffer.from(content)); })());
  const receipt = await world.act(number, 'evidence', { title: put.title, documentId: put.id, sha256: put.sha256 }, 'supervisor');
  await documents.markFiled(put.id, receipt.seq);
  return put.sha256;
}

/** A value as the database holds it, changed for the time of a look and then put back. */
async function edited(collection: 'events' | 'cases' | 'seals', filter: object, change: object, look: () => Promise<void>): Promise<void> {
  const raw = world.store.connection.db.collection(collection);
  const before = await raw.findOne(filter);
  if (before === null) throw new Error(`nothing to edit in ${collection}`);
  await raw.updateOne(filter, change);
  await look();
  await raw.replaceOne({ _id: before._id }, before);
}

test('an open case with its ladder climbed, and a closed one, verify clean, whole and redacted', async () => {
  const number = await world.start('incident-review', incident, 'supervisor');
  const complained = await world.start('complaint', complaint, 'handler');
  await world.skipTo('2030-04-30T09:00:00+08:00');
  await world.settled(number);
  await world.settled(complained);
  const closed = await closedIncident();
  await makeRoots();
  for (const each of [number, complained, closed]) {
    expect([await verdict(each), await verdict(each, true)]).toEqual([clean(each), clean(each)]);
  }
  const checks = verifyExport(await exported(closed)).checks.filter((check) => check.status === 'holds').map((check) => check.check);
  expect(checks).toEqual(expect.arrayContaining(['container', 'manifest', 'files', 'law', 'chain', 'seal', 'clocks']));
  expect(verifyExport(await exported(number)).checks.find((check) => check.check === 'roots')?.status).toBe('holds');
});

test('what was exported once is exported the same again, and its words stay out of the redacted one', async () => {
  const number = await closedIncident();
  expect(await exported(number)).toEqual(await exported(number));
  const [whole, redacted] = [(await exported(number)).toString('utf8'), (await exported(number, true)).toString('utf8')];
  for (const secret of ['张三', incident.subject, '未按期检修', personOf('department.water').name]) {
    expect(whole).toContain(secret);
    expect(redacted).not.toContain(secret);
  }
});

test('the seal is written at closure and stands as it was when the same is recorded again', async () => {
  const number = await closedIncident();
  const events = await world.store.cases.findEvents(number);
  const sealed = await world.store.seals.find(number);
  expect(sealed?.seal).toMatchObject({ head: events.at(-1)?.hash, seq: events.length });
  const view = await world.view(number);
  await world.store.cases.write(view, events, 2_000_000_000, (to) => to);
  expect(await world.store.seals.find(number)).toEqual(sealed);
});

test('documents go with the export; one taken out of the store is missed', async () => {
  const number = await world.start('incident-review', incident, 'supervisor');
  const hash = await hand(number, '闸门启闭机现场记录');
  expect(await verdict(number)).toBe(clean(number));
  expect((await exported(number)).includes(Buffer.from('闸门启闭机现场记录'))).toBe(true);
  const rows = world.store.connection.db.collection('documents');
  const gone = await rows.findOneAndDelete({ caseNumber: number });
  expect(verifyExport(await exported(number)).first).toMatchObject({ check: 'documents', place: `documents/${hash}` });
  if (gone !== null) await rows.insertOne(gone);
});

describe('edited behind the system\'s back', () => {
  let number = '';
  beforeAll(async () => {
    number = await closedIncident();
    await world.skipTo('2030-05-10T09:00:00+08:00');
    await makeRoots();
    expect(await verdict(number)).toBe(clean(number));
  });

  const place = async (): Promise<string | undefined> => verifyExport(await exported(number)).first?.place;

  test('the facts of an event', () => edited('events', { caseNumber: number, seq: 2 }, { $set: { 'facts.round': 9 } }, async () => expect(await place()).toBe('event 2')));
  test('its actor', () => edited('events', { caseNumber: number, seq: 4 }, { $set: { 'by.id': 'leader' } }, async () => expect(await place()).toBe('event 4')));
  test('its time', () => edited('events', { caseNumber: number, seq: 5 }, { $inc: { at: 1 } }, async () => expect(await place()).toBe('event 5')));
  test('its sealed part', () => edited('events', { caseNumber: number, seq: 3 }, { $set: { sealed: 'AAAA' } }, async () => expect(await place()).toBe('event 3, confidential part')));
  test('its hash', () => edited('events', { caseNumber: number, seq: 3 }, { $set: { hash: '0'.repeat(64) } }, async () => expect(await place()).toBe('event 3')));
  test('the head of the case', () => edited('cases', { _id: number }, { $set: { head: '0'.repeat(64) } }, async () => expect(await place()).toMatch(/^event \d+$/)));
  test('the moment of the seal', () => edited('seals', { _id: number }, { $inc: { sealedAt: 1 } }, async () => expect(await place()).toBe('manifest.json seal')));

  test('an event deleted', async () => {
    const { events } = world.store.connection.collections;
    const gone = await events.findOneAndDelete({ caseNumber: number, seq: 6 });
    expect(await place()).toBe('event 6');
    if (gone !== null) await events.insertOne(gone);
    expect(await verdict(number)).toBe(clean(number));
  });

  test('the end cut off and the case opened again: the seal and the roots remember', async () => {
    const { events, cases } = world.store.connection.collections;
    const last = (await events.find({ caseNumber: number }).sort({ seq: -1 }).limit(1).next())?.seq ?? 0;
    const gone = await events.findOneAndDelete({ caseNumber: number, seq: last });
    const before = await cases.findOneAndUpdate({ _id: number }, { $set: { head: gone?.previous ?? '' } });
    expect(await place()).toBe(`event ${last}`);
    expect(await world.store.roots.verify()).toMatchObject({ fault: { place: `${number} event ${last}` } });
    if (gone !== null) await events.insertOne(gone);
    await cases.updateOne({ _id: number }, { $set: { head: before?.head ?? '' } });
    expect(await world.store.roots.verify()).not.toHaveProperty('fault');
  });
});

describe('the daily roots', () => {
  const fault = async (): Promise<Fault | undefined> => {
    const found = await world.store.roots.verify();
    return 'fault' in found ? found.fault : undefined;
  };

  test('one per day without a gap, each on the one before; made again, none', async () => {
    await makeRoots();
    expect(await world.store.roots.makeDue(await world.now())).toEqual([]);
    const [first, second] = [await world.store.roots.find('2030-03-01' as never), await world.store.roots.find('2030-03-02' as never)];
    expect(second?.previous).toBe(first?.hash);
    expect(first?.cases).toBeGreaterThan(0);
    expect(second?.cases).toBe(0);
    expect(await fault()).toBeUndefined();
  });

  test('two processes that make the roots at once make one', async () => {
    await world.skipTo('2030-05-14T09:00:00+08:00');
    const now = await world.now();
    const made = await Promise.all([world.store.roots.makeDue(now), world.store.roots.makeDue(now)]);
    const hashes = made.map((roots) => roots.map((root) => root.hash)).filter((each) => each.length > 0);
    expect(new Set(hashes.map((each) => each.join())).size).toBe(1);
    expect(await fault()).toBeUndefined();
  });

  test('a day is not rooted before an hour after its end', async () => {
    await world.store.roots.makeDue(Date.parse('2030-05-15T00:59:00+08:00'));
    expect(await world.store.roots.find('2030-05-14' as never)).toBeNull();
    await world.store.roots.makeDue(Date.parse('2030-05-15T01:00:00+08:00'));
    expect(await world.store.roots.find('2030-05-14' as never)).not.toBeNull();
  });

  test('a root changed, and a root taken out, are found at their day', async () => {
    const roots = world.store.connection.db.collection<{ _id: string; cases: number }>('roots');
    await roots.updateOne({ _id: '2030-03-05' }, { $inc: { cases: 1 } });
    expect((await fault())?.place).toBe('root of 2030-03-05');
    await roots.updateOne({ _id: '2030-03-05' }, { $inc: { cases: -1 } });
    const gone = await roots.findOneAndDelete({ _id: '2030-03-07' });
    expect((await fault())?.place).toBe('root of 2030-03-07');
    if (gone !== null) await roots.insertOne(gone);
    expect(await fault()).toBeUndefined();
  });
});

describe('retention', () => {
  const article = { zh: '试验', en: 'test', source: '试验' };
  const rules = { version: 'v1', rules: [{ caseType: 'incident-review', years: 1, basis: 'default' as const, article }, { caseType: '*', years: null, basis: 'default' as const, article }] };
  const newYear = Date.parse('2032-01-01T00:00:00+08:00');
  let number = '';
  let hash = '';

  beforeAll(async () => {
    number = await closedIncident(async (opened) => { hash = await hand(opened, '将被销毁的材料'); });
  }, 60_000);

  test('a case that no daily root covers yet is not destroyed', async () => {
    expect((await retention.due(rules, newYear)).find((item) => item.caseNumber === number)?.obstacle).toMatch(/^roots: /);
    await world.skipTo('2030-05-20T09:00:00+08:00');
    await makeRoots();
  });

  test('the years begin with the next 1 January; before that nothing is due; a type that is kept for ever never is', async () => {
    expect(await retention.due(rules, newYear - 1)).toEqual([]);
    const due = await retention.due(rules, newYear);
    expect(due.find((item) => item.caseNumber === number)).toMatchObject({ closedOn: '2030-05-14', dueOn: '2032-01-01', years: 1, obstacle: null });
    expect(new Set(due.map((item) => item.caseType))).toEqual(new Set(['incident-review']));
  });

  test('a case whose chain was tampered with is kept, and the place named', () => edited('events', { caseNumber: number, seq: 2 }, { $set: { 'facts.round': 9 } }, async () => {
    expect((await retention.due(rules, newYear)).find((item) => item.caseNumber === number)?.obstacle).toMatch(/^event 2: /);
    expect((await retention.apply(rules, newYear, 'archivist')).map((record) => record.caseNumber)).not.toContain(number);
  }));

  test('destroyed, the words are gone from the store, and what is left still verifies and says by which rule', async () => {
    const records = await retention.apply(rules, newYear, 'archivist');
    expect(records.find((record) => record.caseNumber === number)).toMatchObject({ by: 'archivist', at: newYear, dueOn: '2032-01-01', rule: { years: 1 }, policyVersion: 'v1', destroyed: { documents: [hash] } });
    const { collections, db } = world.store.connection;
    expect((await world.store.cases.findView(number))).toMatchObject({ subject: '', intake: null, persons: [], outcome: 'notified' });
    expect(await collections.cases.findOne({ _id: number })).toMatchObject({ terms: [], namedStaff: [] });
    expect(await collections.events.countDocuments({ caseNumber: number, sealed: { $ne: '' } })).toBe(0);
    expect(await collections.notices.countDocuments({ caseNumber: number })).toBe(0);
    expect(await documents.list(number)).toEqual([]);
    expect(await db.collection('documents.files').countDocuments({})).toBe(await db.collection('documents').countDocuments({}));
    expect((await world.store.seals.find(number))?.salt).toBeNull();

    expect(await verdict(number)).toBe(clean(number));
    const report = verifyExport(await exported(number));
    expect(report.redacted).toBe(true);
    for (const check of ['chain', 'seal', 'roots', 'destruction', 'clocks', 'documents']) expect(report.checks.find((each) => each.check === check)).toMatchObject({ status: 'holds' });
    expect(await world.store.roots.verify()).not.toHaveProperty('fault');
    expect(await world.store.destructions.verify()).toEqual({ records: (await world.store.destructions.list()).length });
    expect((await world.store.audit.find(number)).map((entry) => [entry.kind, entry.user])).toEqual([['destruction', 'archivist']]);
  });

  test('done again, nothing is due; a record changed afterwards is found', async () => {
    expect(await retention.apply(rules, newYear, 'archivist')).toEqual([]);
    await world.store.connection.db.collection<{ _id: string }>('destructions').updateOne({ _id: number }, { $set: { by: 'somebody' } });
    expect(await world.store.destructions.verify()).toMatchObject({ fault: { place: `destruction of ${number}` } });
    expect(verifyExport(await exported(number)).first).toMatchObject({ check: 'destruction', place: 'manifest.json destruction' });
    await world.store.connection.db.collection<{ _id: string }>('destructions').updateOne({ _id: number }, { $set: { by: 'archivist' } });
  });

  test('interrupted in the middle, the next call ends what it began', async () => {
    const interrupted = await closedIncident((opened) => hand(opened, '另一份材料'));
    await world.skipTo('2030-05-25T09:00:00+08:00');
    await makeRoots();
    const failing = new RetentionStore(retentionParts(world.store, world.keyring, { list: (each) => documents.list(each), destroy: () => Promise.reject(new Error('the store went away')) }));
    await expect(failing.apply(rules, newYear, 'archivist')).rejects.toThrow('went away');
    expect((await world.store.cases.findView(interrupted))?.subject).toBe(incident.subject);
    expect((await retention.apply(rules, newYear, 'archivist')).map((record) => record.caseNumber)).toContain(interrupted);
    expect((await world.store.cases.findView(interrupted))?.subject).toBe('');
    expect(await verdict(interrupted)).toBe(clean(interrupted));
    expect(await world.store.destructions.verify()).not.toHaveProperty('fault');
  });
});
