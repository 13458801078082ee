import type { ActionName } from '../../domain/case-definition';
import type { Json } from '../../domain/json';
import { CaseWorld, personOf } from '../support/case-world';
import { notInvolved } from '../support/intakes';
import { accepted, answered, complaint, Course, type Turn } from './course';

let world: CaseWorld;
beforeAll(async () => { world = await CaseWorld.begin('2030-03-01'); }, 180_000);
afterAll(() => world.end());
const course = new Course(() => world);

/** What a step allows beside note, evidence and reassignment, which every step does. */
interface Row {
  readonly step: string;
  /** Turns that lead to it from the step before. */
  readonly after: readonly Turn[];
  /** A ground on which a clock that runs now may be suspended. */
  readonly suspend?: string;
  /** The clock that may be extended, in which unit, and who grants it. */
  readonly extend?: readonly [clock: string, unit: string, roles: readonly string[], organ: string];
  readonly turnAside: '' | 'withdraw' | 'withdraw merge';
}

interface Procedure {
  readonly type: string;
  readonly start: readonly [intake: Json, by: string];
  /** Who takes each action; one without a line is taken by `officer`. */
  readonly officer: string;
  readonly by?: Partial<Record<ActionName, string>>;
  readonly rows: readonly Row[];
}

const water = personOf('department.water');
const [reported, agreed, approved, replied] = answered() as readonly [Turn, Turn, Turn, Turn];
const dissatisfied: Turn = ['rate', 'dissatisfied', { grounds: '不服' }, 'complainant'];
const handle: Row['extend'] = ['handle', 'calendar-day', ['leader'], 'yz-water'];
const decision: Row['extend'] = ['decision', 'month', ['approver'], 'yz-supervision'];
const finding = { level: 'handling', person: water, responsible: true, fault: '未按期检修' };
const examined = { examined: true, result: '已作检查' };

const courses: readonly Procedure[] = [
  {
    type: 'complaint', start: [complaint, 'handler'], officer: 'handler',
    rows: [
      { step: 'route', after: [], suspend: 'force-majeure', turnAside: 'withdraw merge' },
      { step: 'accept', after: [accepted[0] ?? reported], turnAside: 'withdraw merge' },
      { step: 'jurisdiction', after: [['accept', 'object', { reasons: '非本局职责' }, 'department']], suspend: 'force-majeure', turnAside: 'withdraw merge' },
      { step: 'investigate', after: [['jurisdiction', 'decide', { organ: 'yz-water', reasons: '属水务' }, 'leader']], suspend: 'expert', extend: handle, turnAside: 'withdraw merge' },
      { step: 'review', after: [reported], suspend: 'supplement', extend: handle, turnAside: 'withdraw merge' },
      { step: 'approve', after: [agreed], suspend: 'judicial', extend: handle, turnAside: 'withdraw merge' },
      { step: 'reply', after: [approved], suspend: 'force-majeure', extend: handle, turnAside: 'withdraw merge' },
      { step: 'rate', after: [replied], suspend: 'force-majeure', turnAside: '' },
      { step: 'review-decision', after: [dissatisfied], suspend: 'judicial', turnAside: 'withdraw' },
      { step: 'rate-review', after: [['review-decision', 'uphold', { text: '维持' }, 'leader']], suspend: 'force-majeure', turnAside: '' },
      { step: 're-review', after: [['rate-review', 'request-re-review', { grounds: '不服' }, 'complainant']], suspend: 'hearing', turnAside: 'withdraw' },
    ],
  },
  {
    type: 'incident-review', officer: 'supervisor', by: { withdraw: 'leader' },
    start: [{ category: 'work-safety', subject: '闸门故障', facts: '闸门不能启闭。', occurredOn: '2030-02-27', organs: ['yz-water'] }, 'supervisor'],
    rows: [
      { step: 'explain.yz-water', after: [], suspend: 'force-majeure', turnAside: 'withdraw' },
      {
        step: 'examine.yz-water', suspend: 'judicial', extend: ['examine.yz-water', 'working-day', ['leader'], 'yz-gov'], turnAside: 'withdraw merge',
        after: [['explain.yz-water', 'explain', { managementSystem: { missing: true, statement: '缺失' }, measures: { appropriate: true, statement: '适当' }, responsibility: { sound: false, statement: '未落实' } }, 'department']],
      },
      { step: 'investigate', after: [['examine.yz-water', 'accept', {}, 'leader']], suspend: 'expert', extend: ['investigate', 'calendar-day', ['leader'], 'yz-supervision'], turnAside: 'withdraw merge' },
      {
        step: 'approve', suspend: 'judicial', turnAside: 'withdraw merge',
        after: [['investigate', 'report', { facts: '属实', findings: [finding], levelsNotInvolved: notInvolved('review', 'approval'), leadership: examined, dereliction: true, touchesHead: true }, 'supervisor']],
      },
      { step: 'apologise.yz-water', after: [['approve', 'approve', {}, 'leader']], turnAside: '' },
      { step: 'government-announce', after: [['apologise.yz-water', 'apologise', { text: '致歉', where: '网站', on: '2030-03-01' }, 'leader.water']], suspend: 'judicial', turnAside: '' },
      { step: 'notify.yz-water', after: [['government-announce', 'announce', { text: '通报' }, 'leader']], suspend: 'force-majeure', turnAside: '' },
    ],
  },
  {
    type: 'referral', officer: 'supervisor', by: { withdraw: 'referrer' },
    start: [{ source: 'audit', referringOrgan: 'yz-audit', subject: '挪用资金', facts: '审计发现。', ownMeasures: '责令归还', evidence: [{ title: '审计报告' }], persons: [water] }, 'referrer'],
    rows: [
      { step: 'receive', after: [], suspend: 'judicial', turnAside: 'withdraw merge' },
      { step: 'supplement', after: [['receive', 'return', { reasons: '不全' }, 'supervisor']], suspend: 'judicial', extend: ['supplement', 'working-day', ['leader'], 'yz-audit'], turnAside: 'withdraw merge' },
      {
        step: 'investigate', suspend: 'expert', extend: ['investigate', 'calendar-day', ['approver'], 'yz-supervision'], turnAside: 'withdraw merge',
        after: [['supplement', 'resubmit', { statement: '已补' }, 'referrer'], ['receive', 'accept', {}, 'supervisor']],
      },
      {
        step: 'statement.1', suspend: 'force-majeure', extend: ['statement.1', 'working-day', ['approver'], 'yz-supervision'], turnAside: 'withdraw merge',
        after: [['investigate', 'report', { facts: '属实', findings: [finding], leadership: examined }, 'supervisor']],
      },
      { step: 'review', after: [['statement.1', 'waived', {}, 'supervisor']], suspend: 'judicial', extend: decision, turnAside: 'withdraw merge' },
      { step: 'decide', after: [['review', 'agree', {}, 'reviewer']], suspend: 'judicial', extend: decision, turnAside: 'withdraw merge' },
      {
        step: 'serve', suspend: 'force-majeure', turnAside: '',
        after: [['decide', 'decide', { decisions: [{ name: water.name, staffId: water.staffId ?? '', measure: 'demotion', reasons: '违纪' }], effectiveOn: '2030-03-01', publish: 'none' }, 'approver']],
      },
      { step: 'feedback', after: [['serve', 'served', { on: '2030-03-01', method: 'in-person' }, 'supervisor']], suspend: 'judicial', turnAside: '' },
      { step: 'personnel-change.1', after: [['feedback', 'send', { text: '结果' }, 'supervisor']], extend: ['personnel-change.1', 'month', ['leader'], 'yz-personnel'], turnAside: '' },
    ],
  },
  {
    type: 'rectification', officer: 'supervisor',
    start: [{ ground: 'evaluation', orderingOrgan: 'yz-supervision', organ: 'yz-water', subject: '整改', order: '整改' }, 'supervisor'],
    rows: [
      { step: 'report', after: [], suspend: 'judicial', extend: ['report', 'calendar-day', ['leader'], 'yz-water'], turnAside: 'withdraw' },
      { step: 'verify', after: [['report', 'report', { report: '已改' }, 'department']], suspend: 'force-majeure', turnAside: 'withdraw' },
    ],
  },
  {
    type: 'dispute', officer: 'leader',
    start: [{ ground: 'matter', parties: ['yz-water', 'yz-transport'], coordinatingOrgan: 'yz-gov', subject: '职责', facts: '不明' }, 'department'],
    rows: [
      { step: 'negotiate', after: [], suspend: 'judicial', extend: ['negotiate', 'working-day', ['leader'], 'yz-water'], turnAside: 'withdraw' },
      { step: 'opinion', after: [['negotiate', 'failed', { reasons: '不成' }, 'department']], suspend: 'judicial', extend: ['opinion', 'calendar-day', ['leader'], 'yz-gov'], turnAside: 'withdraw' },
      { step: 'comply', after: [['opinion', 'issue', { opinion: '意见', responsibleOrgan: 'yz-transport' }, 'leader']], suspend: 'judicial', extend: ['comply', 'working-day', ['leader'], 'yz-transport'], turnAside: 'withdraw' },
      { step: 'confirm', after: [['comply', 'report', { report: '已执行' }, 'department.transport']], suspend: 'force-majeure', turnAside: 'withdraw' },
    ],
  },
];

const rows = courses.flatMap((each) => each.rows.map((row, index) => ({
  name: `${each.type}/${row.step}`, course: each, row, turns: each.rows.slice(0, index + 1).flatMap(({ after }) => after),
})));

test('every step of every case type but the kit\'s own stands in the table', () => {
  const stepsOf = (type: string): string[] => courses.filter((each) => each.type === type).flatMap((each) => each.rows.map((row) => row.step.split('.', 1)[0] ?? ''));
  expect(stepsOf('complaint')).toEqual(['route', 'accept', 'jurisdiction', 'investigate', 'review', 'approve', 'reply', 'rate', 'review-decision', 'rate-review', 're-review']);
  expect(stepsOf('incident-review')).toEqual(['explain', 'examine', 'investigate', 'approve', 'apologise', 'government-announce', 'notify']);
  expect(stepsOf('referral')).toEqual(['receive', 'supplement', 'investigate', 'statement', 'review', 'decide', 'serve', 'feedback', 'personnel-change']);
  expect([...stepsOf('rectification'), ...stepsOf('dispute')]).toEqual(['report', 'verify', 'negotiate', 'opinion', 'comply', 'confirm']);
});

test.each(rows)('$name: note, evidence and reassignment always; suspension, extension, withdrawal and merger as the definition and the policy say', async ({ course: { type, start, officer, by = {} }, row, turns }) => {
  const number = await world.start(type, start[0], start[1]);
  await course.drive(number, ...turns);
  await world.untilOpen(number, row.step);
  await world.settled(number);
  const act = (action: ActionName, fields: Json) => world.act(number, action, fields, by[action] ?? officer);
  const refusal = async (action: ActionName, fields: Json): Promise<unknown> => (await world.refusal(act(action, fields))).type;

  await act('note', { text: '附注' });
  await act('evidence', { title: '证据' });
  expect((await world.refusal(world.act(number, 'note', { text: '旁观' }, 'administrator'))).type).toBe('not-yours');
  const { assignee } = await course.step(number, row.step);
  await act('reassign', { step: row.step, organ: assignee.organ, reasons: '重新分派' });

  if (row.suspend === undefined) expect(await refusal('suspend', { ground: 'force-majeure', reasons: '洪水' })).toBe('action-not-allowed');
  else {
    await act('suspend', { ground: row.suspend, reasons: '事由' });
    expect((await world.view(number)).clocks.filter((clock) => clock.reading?.paused)).not.toEqual([]);
    await act('resume', {});
    expect((await world.view(number)).clocks.filter((clock) => clock.reading?.paused)).toEqual([]);
  }

  if (row.extend === undefined) expect(await refusal('extend', { by: { amount: 1, unit: 'calendar-day' }, reasons: '复杂' })).toBe('action-not-allowed');
  else {
    const [clock, unit, roles, organ] = row.extend;
    await act('extend', { clock, by: { amount: 1, unit }, reasons: '复杂' });
    expect((await course.step(number, `extension.${clock}`)).assignee).toEqual({ roles, organ });
    expect(await refusal('extend', { clock, by: { amount: 1, unit }, reasons: '复杂' })).toBe('action-not-allowed');
  }

  // To be joined to itself is refused for that, where joining is allowed at all.
  expect(await refusal('merge', { into: number, reasons: '同一事项' })).toBe(row.turnAside.includes('merge') ? 'invalid-fields' : 'action-not-allowed');
  if (row.turnAside === '') {
    expect(await refusal('withdraw', { reasons: '撤回' })).toBe('action-not-allowed');
    await course.end(number);
  } else {
    await act('withdraw', { reasons: '撤回' });
    expect(await course.closed(number)).toBe('withdrawn');
  }
  const links = (await world.view(number)).links.filter((link) => link.relation === 'started');
  await course.end(...links.map((link) => link.caseNumber));
});
