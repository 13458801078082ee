import type { Json } from '../../domain/json';
import { CaseWorld, personOf } from '../support/case-world';
import { Course, type Turn } from './course';

let world: CaseWorld;
// Friday 1 March 2030; the calendar of 2030 is not published, so weekends and fixed-date holidays only.
beforeAll(async () => { world = await CaseWorld.begin('2030-03-01'); }, 180_000);
afterAll(() => world.end());

const course = new Course(() => world);
const water = personOf('department.water');
const head = personOf('leader.water', 'organ-head');
const staffOf = (person: { readonly staffId?: string | undefined }): string => person.staffId ?? '';

const intake = {
  source: 'audit', referringOrgan: 'yz-audit', subject: '挪用管网维修资金', facts: '审计发现维修资金被挪用。', ownMeasures: '已责令归还', evidence: [{ title: '审计报告' }], persons: [water],
};
const start = (extra: { readonly [name: string]: Json } = {}): Promise<string> => world.start('referral', { ...intake, ...extra }, 'referrer');
const findingOf = (person: typeof water, level: string, responsible = true) => ({ level, person, responsible, fault: '挪用维修资金', cause: 'duty-not-performed' });
const findings = (...each: readonly ReturnType<typeof findingOf>[]) => ({ facts: '经查属实。', findings: each, leadership: { examined: true, result: '分管负责人已作检查' } }) as unknown as Json;
const decide = (measures: readonly (readonly [typeof water, string])[], publish = 'none'): Turn => ['decide', 'decide', {
  decisions: measures.map(([person, measure]) => ({ name: person.name, staffId: staffOf(person), measure, level: 'handling', direct: true, reasons: '违反财经纪律' })),
  effectiveOn: '2030-03-01', publish, documentNumber: '云监决〔2030〕1号',
}, 'approver'];

const opened: Turn = ['receive', 'accept', {}, 'supervisor'];
const investigated: Turn = ['investigate', 'report', findings(findingOf(water, 'handling')), 'supervisor'];
const heard: Turn = ['statement.1', 'heard', { statement: '承认错误', accepted: false, reasons: '不影响认定' }, 'supervisor'];
const agreed: Turn = ['review', 'agree', {}, 'reviewer'];
const served: Turn = ['serve', 'served', { on: '2030-03-01', method: 'in-person' }, 'supervisor'];
const fedBack: Turn = ['feedback', 'send', { text: '现将处理结果书面告知。' }, 'supervisor'];

test('S2 三(三), 处分条例 39: accepted, investigated, heard, decided, served, fed back, copied to personnel, entered in the archive, filed', async () => {
  const number = await start();
  expect(await world.view(number)).toMatchObject({ leadOrgan: 'yz-supervision', openSteps: [{ id: 'receive', assignee: { organ: 'yz-supervision' } }] });
  await course.drive(number, opened);
  await world.untilOpen(number, 'investigate');
  // 处分条例 44: six months after 1 March: Sunday 1 September, so Monday the 2nd.
  expect(await course.due(number, 'decision')).toBe('2030-09-02');
  await course.drive(number, investigated, heard, agreed, decide([[water, 'warning']]), served, fedBack);
  expect(await course.closed(number)).toBe('decided');

  const personnel = { staffId: water.staffId, caseNumber: number, content: { measure: 'warning', effectiveOn: '2030-03-01', direct: true } };
  expect(await course.kept('copy', number)).toMatchObject([personnel]);
  expect(await course.kept('entry', number)).toMatchObject([personnel]);
  expect(await course.kept('filing', number)).toMatchObject([{ content: { decisions: [{ measure: 'warning' }] } }]);
  expect(await course.kept('change', number)).toEqual([]);
  expect(await course.kept('publication', number)).toEqual([]);
  // 审计法 54: the referring organ always gets the result in writing.
  const notices = await course.notices(number);
  expect(notices).toContain('feedback → yz-audit');
  expect(notices).toContain('copy-of-result → yz-personnel');
  expect((await course.events(number, 'finding')).map((event) => event.facts)).toEqual([{ levels: ['handling'], responsible: 1, leadershipExamined: true }]);
});

test('S2 三(三): an incomplete referral is returned with reasons, completed and accepted', async () => {
  const number = await start();
  await course.drive(number, ['receive', 'return', { reasons: '证据清单不全' }, 'supervisor']);
  expect(await course.step(number, 'supplement')).toMatchObject({ assignee: { organ: 'yz-audit' }, context: { returned: '证据清单不全' } });
  await course.drive(number, ['supplement', 'resubmit', { statement: '已补充', evidence: [{ title: '银行流水' }] }, 'referrer']);
  expect(await course.step(number, 'receive')).toMatchObject({ round: 2, assignee: { organ: 'yz-supervision' } });
  await course.drive(number, opened);
  await world.untilOpen(number, 'investigate');
  await course.end(number);
});

test('a referral that was returned may be taken back by the organ that made it', async () => {
  const number = await start();
  await course.drive(number, ['receive', 'return', { reasons: '不属管辖' }, 'supervisor'], ['supplement', 'take-back', { reasons: '另行处理' }, 'referrer']);
  expect(await course.closed(number)).toBe('taken-back');
  expect(await course.kept('entry', number)).toEqual([]);
});

test('S0 (三): a joint inspection calls in the referring organ', async () => {
  const number = await start();
  await course.drive(number, ['receive', 'accept', { jointInspection: true }, 'supervisor']);
  await world.untilOpen(number, 'investigate');
  expect(await course.notices(number)).toContain('joint-inspection → yz-audit');
  await course.end(number);
});

test('政务处分法 43: everyone referred or found responsible is heard, each once; one waives, one lets it lapse', async () => {
  const number = await start({ persons: [water, head] as unknown as Json });
  const other = personOf('department.transport');
  await course.drive(number, opened, ['investigate', 'report', findings(findingOf(water, 'handling'), findingOf(head, 'approval'), findingOf(other, 'review')), 'supervisor']);
  for (const key of ['1', '2', '3']) await world.untilOpen(number, `statement.${key}`);
  // 5 working days after Friday 1 March: Friday the 8th.
  expect((await course.open(number)).filter(([id]) => id.startsWith('statement')).sort()).toEqual([['statement.1', '2030-03-08'], ['statement.2', '2030-03-08'], ['statement.3', '2030-03-08']]);
  expect((await course.step(number, 'statement.3')).context).toMatchObject({ person: { staffId: other.staffId } });
  await course.drive(number, heard, ['statement.2', 'waived', {}, 'supervisor']);
  expect((await course.open(number)).map(([id]) => id)).toEqual(['statement.3']);
  await world.skipTo('2030-03-09T00:01:00+08:00');
  await world.untilOpen(number, 'review');
  expect((await course.events(number, 'step-lapsed')).map((event) => event.step)).toEqual(['statement.3']);
  await course.end(number);
});

test('a return by review or decision goes back to the investigation, and the six months run on', async () => {
  const number = await start();
  await course.drive(number, opened, investigated, heard, ['review', 'return', { reasons: '层次不清' }, 'reviewer']);
  const due = await course.due(number, 'decision');
  expect(await course.step(number, 'investigate')).toMatchObject({ round: 2, context: { returned: '层次不清' } });
  await course.drive(number, investigated, heard, agreed, ['decide', 'return', { reasons: '定性不准' }, 'approver']);
  expect(await course.step(number, 'investigate')).toMatchObject({ round: 3, context: { returned: '定性不准' } });
  expect(await course.due(number, 'decision')).toBe(due);
  await course.drive(number, investigated, heard, agreed, decide([[water, 'criticism']]));
  await world.untilOpen(number, 'serve');
  expect((await course.clock(number, 'decision')).spec.events.map((event) => event.kind)).toEqual(['start', 'stop']);
  await course.end(number);
});

const outcomes = ['general-fault', 'criticism', 'admonition-talk', 'suspension', 'public-apology', 'warning', 'demerit', 'major-demerit'];
const changes = ['transfer', 'resignation', 'removal', 'demotion', 'dismissal', 'expulsion'];

test('S2 三(三): outcomes that leave the post end with the feedback; each is in the archive', async () => {
  const number = await start();
  await course.drive(number, opened, investigated, heard, agreed, decide(outcomes.map((measure) => [water, measure] as const)), served, fedBack);
  expect(await course.closed(number)).toBe('decided');
  expect((await course.kept('entry', number)).map((entry) => (entry.content as { measure: string }).measure).sort()).toEqual([...outcomes].sort());
  expect((await course.events(number, 'measure')).map((event) => event.facts['measure'])).toEqual(outcomes);
});

test('政务处分法 54: transfer, resignation, removal, demotion, dismissal and expulsion are carried out by personnel within one month', async () => {
  const number = await start();
  const today = await world.today();
  await course.drive(number, opened, investigated, heard, agreed, decide(changes.map((measure) => [water, measure] as const)), served, fedBack);
  for (const [index] of changes.entries()) await world.untilOpen(number, `personnel-change.${index + 1}`);
  expect(today).toBe('2030-03-09');
  // One month after Saturday 9 March: Tuesday 9 April.
  expect(await course.step(number, 'personnel-change.1')).toMatchObject({ due: '2030-04-09', assignee: { organ: 'yz-personnel', roles: ['personnel'] } });
  // What was decided is carried out: the referring organ cannot call it back any more.
  expect((await world.refusal(world.act(number, 'withdraw', { reasons: '撤回' }, 'referrer'))).type).toBe('action-not-allowed');
  for (const [index] of changes.entries()) await course.drive(number, [`personnel-change.${index + 1}`, 'done', { on: '2030-03-09', change: '已办理' }, 'personnel']);
  expect(await course.closed(number)).toBe('decided');
  expect((await course.kept('change', number)).map((change) => (change.content as { measure: string }).measure).sort()).toEqual([...changes].sort());
});

test('政务处分法 54: the month for a change may be extended, to at most six', async () => {
  const number = await start();
  await course.drive(number, opened, investigated, heard, agreed, decide([[water, 'demotion']]), served, fedBack);
  await world.untilOpen(number, 'personnel-change.1');
  const clock = 'personnel-change.1';
  expect((await world.refusal(world.act(number, 'extend', { clock, by: { amount: 6, unit: 'month' }, reasons: '需报批' }, 'personnel'))).type).toBe('invalid-fields');
  await world.act(number, 'extend', { clock, by: { amount: 5, unit: 'month' }, reasons: '需报批' }, 'personnel');
  expect(await course.step(number, `extension.${clock}`)).toMatchObject({ assignee: { organ: 'yz-personnel' } });
  await world.act(number, 'reassign', { step: `extension.${clock}`, user: 'leader.supervision', organ: 'yz-supervision', reasons: '本机关负责人' }, 'approver');
  await course.drive(number, [`extension.${clock}`, 'approve', {}, 'leader.supervision']);
  // Six months after 9 March: Monday 9 September.
  expect(await course.due(number, clock)).toBe('2030-09-09');
  await course.drive(number, [clock, 'done', { on: '2030-03-09', change: '已办理' }, 'personnel']);
  expect(await course.closed(number)).toBe('decided');
});

test('处分条例 44: the six months to decide may be extended, to at most twelve', async () => {
  const number = await start();
  await course.drive(number, opened);
  await world.untilOpen(number, 'investigate');
  // Six months after 9 March: Monday 9 September.
  expect(await course.due(number, 'decision')).toBe('2030-09-09');
  expect((await world.refusal(world.act(number, 'extend', { clock: 'decision', by: { amount: 7, unit: 'month' }, reasons: '案情复杂' }, 'supervisor'))).type).toBe('invalid-fields');
  await world.act(number, 'extend', { clock: 'decision', by: { amount: 6, unit: 'month' }, reasons: '案情复杂' }, 'supervisor');
  await course.drive(number, ['extension.decision', 'approve', {}, 'approver']);
  // Twelve months after 9 March 2030: Sunday 9 March 2031, so Monday the 10th.
  expect(await course.due(number, 'decision')).toBe('2031-03-10');
  // A second extension may be granted; the twelve months are the end of it.
  await world.act(number, 'extend', { clock: 'decision', by: { amount: 1, unit: 'month' }, reasons: '案情复杂' }, 'supervisor');
  await course.drive(number, ['extension.decision', 'approve', {}, 'approver']);
  await world.settled(number);
  expect(await course.due(number, 'decision')).toBe('2031-03-10');
  expect((await course.clock(number, 'decision')).reading?.capped).toBe(true);
  await course.end(number);
});

test('nobody held responsible is told to the referring organ too, and enters no archive', async () => {
  const number = await start();
  await course.drive(number, opened, ['investigate', 'report', findings(findingOf(water, 'handling', false)), 'supervisor'], heard, agreed, decide([[water, 'no-fault']]), served, fedBack);
  expect(await course.closed(number)).toBe('no-responsibility');
  expect(await course.notices(number)).toContain('feedback → yz-audit');
  expect([...await course.kept('entry', number), ...await course.kept('copy', number)]).toEqual([]);
  expect(await course.kept('filing', number)).toHaveLength(1);
});

test.each([['government'], ['public']])('S2 三(三): the result is published within the scope decided: %s', async (scope) => {
  const number = await start();
  await course.drive(number, opened, investigated, heard, agreed, decide([[water, 'criticism']], scope), served, fedBack);
  expect(await course.closed(number)).toBe('decided');
  expect(await course.kept('publication', number)).toMatchObject([{ scope }]);
  expect((await course.events(number, 'announcement')).map((event) => event.facts)).toEqual([{ scope }]);
});

test('the referring organ may withdraw while nothing is decided', async () => {
  const number = await start();
  await course.drive(number, opened);
  await world.untilOpen(number, 'investigate');
  expect((await world.refusal(world.act(number, 'withdraw', { reasons: '撤回' }, 'supervisor'))).type).toBe('not-yours');
  await world.act(number, 'withdraw', { reasons: '事实有误' }, 'referrer');
  expect(await course.closed(number)).toBe('withdrawn');
  expect((await world.view(number)).clocks.every((clock) => clock.reading?.stopped)).toBe(true);
});
