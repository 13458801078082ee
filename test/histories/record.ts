/**
 * Records the histories that test/workflows/replay.test.ts replays. Run it when a procedure gets a new course, never to make a broken replay pass:
 * a history that no longer replays is a running case that a change would break (use `file.patched`). A history with a date in its name was kept
 * under the code before that day's change, by the test of the same name here, and cannot be recorded again.
 *
 *     npx jest --testMatch '<rootDir>/test/histories/record.ts'
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { KeyringCodec } from '../../temporal/codec';
import { CaseWorld, personOf } from '../support/case-world';
import { notInvolved } from '../support/intakes';
import { accepted, answered, complaint, Course, faulty, finding, satisfied } from '../workflows/course';
import { Races } from '../workflows/races';
import { openHistory } from './open-history';

let world: CaseWorld;
beforeAll(async () => { world = await CaseWorld.begin('2030-03-01'); }, 180_000);
afterAll(() => world.end());
const course = new Course(() => world);
const races = new Races(() => world, course);

/** Writes every run of a case: `<name>.json`, or `<name>.<n>.json` when it went on in new runs. */
async function keep(name: string, caseNumber: string): Promise<void> {
  const runs: string[] = [];
  for (let runId: string | undefined; ;) {
    const history = await world.environment.client.workflow.getHandle(caseNumber, runId).fetchHistory();
    const before = history.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
    runs.unshift(await openHistory(history, new KeyringCodec(world.keyring)));
    if (before == null || before === '') break;
    runId = before;
  }
  for (const [index, json] of runs.entries()) writeFileSync(path.join(__dirname, runs.length === 1 ? `${name}.json` : `${name}.${index}.json`), `${json}\n`);
}

const incident = { category: 'work-safety', subject: '水库溢洪道闸门故障', facts: '闸门不能启闭。', occurredOn: '2030-02-27', organs: ['yz-water'] };
const explanation = { managementSystem: { missing: true, statement: '缺失' }, measures: { appropriate: true, statement: '适当' }, responsibility: { sound: false, statement: '未落实' } };

test('complaint: a fault with every cause, review and re-review with a hearing', async () => {
  const number = await world.start('complaint', { ...complaint, typical: true }, 'handler');
  const causes = ['rule-or-process', 'unclear-duties', 'shirking', 'duty-not-performed'].map((cause) => finding(cause));
  await course.drive(number, ...accepted, ...answered(faulty(...causes)), ['rate', 'dissatisfied', { grounds: '不服' }, 'complainant'],
    ['review-decision', 'uphold', { text: '维持' }, 'leader'], ['rate-review', 'request-re-review', { grounds: '不服' }, 'complainant'],
    ['re-review', 'hearing', { from: '2030-03-11', to: '2030-03-12' }, 'leader.province'], ['re-review', 'uphold', { text: '维持' }, 'leader.province']);
  await course.closed(number);
  await keep('complaint-whole', number);
});

test('complaint: objected to, suspended, resumed, extended, reassigned, and left open', async () => {
  const number = await world.start('complaint', complaint, 'handler');
  await course.drive(number, ['route', 'route', { organ: 'yz-water', procedure: '一般程序' }, 'handler'], ['accept', 'object', { reasons: '非本局职责' }, 'department'],
    ['jurisdiction', 'decide', { organ: 'yz-water', reasons: '属水务' }, 'leader']);
  await world.untilOpen(number, 'investigate');
  await world.act(number, 'suspend', { ground: 'expert', clock: 'handle', reasons: '鉴定' }, 'department');
  await world.act(number, 'resume', {}, 'department');
  await world.act(number, 'extend', { by: { amount: 30, unit: 'calendar-day' }, reasons: '复杂' }, 'department');
  await course.drive(number, ['extension.handle', 'approve', {}, 'leader.water']);
  await world.act(number, 'reassign', { step: 'investigate', user: 'department.water', reasons: '专人' }, 'handler');
  await world.act(number, 'evidence', { title: '照片' }, 'complainant');
  await world.settled(number);
  await keep('complaint-actions', number);
});

test('complaint: one joins another and is answered with it', async () => {
  const [leading, follower] = [await world.start('complaint', complaint, 'handler'), await world.start('complaint', complaint, 'handler')];
  await world.untilOpen(follower, 'route');
  await world.act(follower, 'merge', { into: leading, reasons: '同一事项' }, 'handler');
  await course.drive(leading, ...accepted, ...answered(), satisfied);
  await course.closed(leading);
  await course.closed(follower);
  await keep('complaint-leading', leading);
  await keep('complaint-follower', follower);
});

test('complaint: refused by a system, and nudged while it was tried again', async () => {
  const number = await course.nudgedWhileTried(async () => {
    const filed = await world.start('complaint', complaint, 'handler');
    await course.drive(filed, ...accepted, ...answered(faulty(finding('shirking'))));
    return filed;
  });
  await world.skipTo('2030-03-01T12:00:00+08:00');
  await course.drive(number, satisfied);
  await course.closed(number);
  await keep('complaint-nudged', number);
});

test('complaint: goes on in new runs', async () => {
  const number = await world.start('complaint', complaint, 'handler', { historyBudget: 30 });
  await course.drive(number, ...accepted, ...answered(), satisfied);
  await course.closed(number);
  await keep('complaint-continued', number);
});

test('referral: returned and completed, decided with a change of post', async () => {
  const water = personOf('department.water');
  const number = await world.start('referral', {
    source: 'audit', referringOrgan: 'yz-audit', subject: '挪用资金', facts: '审计发现。', ownMeasures: '责令归还', evidence: [{ title: '审计报告' }], persons: [water],
  }, 'referrer');
  await course.drive(number, ['receive', 'return', { reasons: '不全' }, 'supervisor'], ['supplement', 'resubmit', { statement: '已补' }, 'referrer'], ['receive', 'accept', { jointInspection: true }, 'supervisor'],
    ['investigate', 'report', { facts: '属实', findings: [{ level: 'handling', person: water, responsible: true, fault: '挪用' }], leadership: { examined: true, result: '无责' } }, 'supervisor'],
    ['statement.1', 'waived', {}, 'supervisor'], ['review', 'agree', {}, 'reviewer'],
    ['decide', 'decide', { decisions: [{ name: water.name, staffId: water.staffId ?? '', measure: 'demotion', reasons: '违纪' }], effectiveOn: '2030-03-01', publish: 'public' }, 'approver'],
    ['serve', 'served', { on: '2030-03-01', method: 'in-person' }, 'supervisor'], ['feedback', 'send', { text: '结果' }, 'supervisor'], ['personnel-change.1', 'done', { on: '2030-03-01', change: '降级' }, 'personnel']);
  await course.closed(number);
  await keep('referral-whole', number);
});

test('rectification and dispute: not carried out', async () => {
  const rectification = await world.start('rectification', { ground: 'evaluation', orderingOrgan: 'yz-supervision', organ: 'yz-water', subject: '整改', order: '整改' }, 'supervisor');
  await course.drive(rectification, ['report', 'report', { report: '已改' }, 'department'], ['verify', 'return', { reasons: '不足' }, 'supervisor'], ['report', 'report', { report: '已改' }, 'department'], ['verify', 'not-done', { reasons: '未改' }, 'supervisor']);
  await course.closed(rectification);
  await keep('rectification-not-done', rectification);
  const dispute = await world.start('dispute', { ground: 'matter', parties: ['yz-water', 'yz-transport'], coordinatingOrgan: 'yz-gov', subject: '职责', facts: '不明' }, 'department');
  await course.drive(dispute, ['negotiate', 'failed', { reasons: '不成' }, 'department'], ['opinion', 'issue', { opinion: '意见', responsibleOrgan: 'yz-transport' }, 'leader'],
    ['comply', 'report', { report: '未执行' }, 'department.transport'], ['confirm', 'not-done', { reasons: '未执行' }, 'leader']);
  await course.closed(dispute);
  await keep('dispute-not-carried-out', dispute);
});

test('incident review: the whole course, with apology and the government\'s announcement', async () => {
  const number = await world.start('incident-review', incident, 'supervisor');
  await course.drive(number, ['explain.yz-water', 'explain', explanation, 'department'], ['examine.yz-water', 'return', { reasons: '不具体' }, 'leader'],
    ['explain.yz-water', 'explain', explanation, 'department'], ['examine.yz-water', 'accept', {}, 'leader'],
    ['investigate', 'report', { facts: '属实', findings: [finding('duty-not-performed')], levelsNotInvolved: notInvolved('review', 'approval'), leadership: { examined: true, result: '无责' }, dereliction: true, touchesHead: true }, 'supervisor'],
    ['approve', 'approve', {}, 'leader'], ['apologise.yz-water', 'apologise', { text: '致歉', where: '网站', on: '2030-03-01' }, 'leader.water'],
    ['government-announce', 'announce', { text: '通报' }, 'leader'], ['notify.yz-water', 'notify', { text: '通报' }, 'department']);
  await course.closed(number);
  await keep('incident-review-whole', number);
});

test('incident review: the ladder climbed to the referral of the head', async () => {
  const number = await world.start('incident-review', incident, 'supervisor');
  await world.skipTo('2030-04-25T09:00:00+08:00');
  await world.until(async () => (await course.started(number)).length > 0, 'the referral');
  await world.settled(number);
  await keep('incident-review-ladder', number);
});

test('incident review: told twice of the same law', async () => {
  const number = await world.start('incident-review', incident, 'supervisor');
  await world.untilOpen(number, 'explain.yz-water');
  const { id, spec } = await course.clock(number, 'explain.yz-water');
  await races.toldTwice(number, [{ ground: 'calendar-published', clocks: [{ id, policyVersion: spec.policyVersion, calendarVersion: spec.calendarVersion }] }]);
  await keep('incident-review-told-twice', number);
});

test('complaint: suspended while the store was away, and the moment of a rung went by', async () => {
  const { number } = await races.suspendedBeforeARung();
  await keep('complaint-suspended-before-a-rung', number);
});

test('complaint: to be joined to another, and replied to meanwhile', async () => {
  const { number } = await races.joinedWhileReplied();
  await world.settled(number);
  await keep('complaint-joined-while-replied', number);
});

test('rectification: the head referred by the ladder, then found not done', async () => {
  const number = await world.start('rectification', { ground: 'evaluation', orderingOrgan: 'yz-supervision', organ: 'yz-water', subject: '整改', order: '整改', within: { amount: 1, unit: 'calendar-day' } }, 'supervisor');
  await races.referredThenNotDone(number);
  await keep('rectification-referred-then-not-done', number);
});

test('complaint: replied to before its extension was approved', async () => {
  const { number } = await races.repliedBeforeItsExtension();
  await course.drive(number, satisfied);
  await course.closed(number);
  await keep('complaint-replied-before-its-extension', number);
});
