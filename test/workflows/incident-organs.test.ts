import type { Json } from '../../domain/json';
import { CaseWorld, personOf } from '../support/case-world';
import { notInvolved } from '../support/intakes';
import { Course, type Turn } from './course';

let world: CaseWorld;
// Friday 1 March 2030; the calendar of 2030 is not published, so weekends and fixed-date holidays only.
beforeAll(async () => { world = await CaseWorld.begin('2030-03-01'); }, 180_000);
afterAll(() => world.end());

const course = new Course(() => world);
const incident = { category: 'fire-safety', subject: '商场火灾', facts: '商场起火。', occurredOn: '2030-02-28', organs: ['yz-water', 'yz-dx-urban'] };
const start = (extra: { readonly [name: string]: Json } = {}, by = 'supervisor'): Promise<string> => world.start('incident-review', { ...incident, ...extra }, by);
const explanation = { managementSystem: { missing: true, statement: '缺失' }, measures: { appropriate: true, statement: '适当' }, responsibility: { sound: false, statement: '未落实' } };
const explain = (organ: string, by: string): Turn => [`explain.${organ}`, 'explain', explanation, by];
const accept = (organ: string, by: string): Turn => [`examine.${organ}`, 'accept', {}, by];
/** Both organs have explained, each to its own superior. */
const explained: readonly Turn[] = [explain('yz-water', 'department'), accept('yz-water', 'leader'), explain('yz-dx-urban', 'department.dx'), accept('yz-dx-urban', 'leader.dx')];
const findingOf = (id: string, level = 'handling', responsible = true, postLevel: Parameters<typeof personOf>[1] = 'civil-servant') => ({ level, person: personOf(id, postLevel), responsible, fault: `${level}环节未尽职` });
const report = (findings: readonly ReturnType<typeof findingOf>[], extra: { readonly [name: string]: Json } = {}): Turn => ['investigate', 'report', {
  facts: '经查属实。', findings, levelsNotInvolved: notInvolved(...['approval', 'review', 'handling'].filter((level) => !findings.some((finding) => finding.level === level))), leadership: { examined: true, result: '分管负责人已作检查' }, dereliction: false, touchesHead: false, ...extra,
}, 'supervisor'];
const approved: Turn = ['approve', 'approve', {}, 'leader'];
/** Ends a case, where it is open, and what it started. */
const endWith = async (number: string): Promise<void> => {
  await world.settled(number);
  const open = (await world.view(number)).status === 'open' ? [number] : [];
  await course.end(...open, ...(await course.started(number)).map((link) => link.caseNumber));
};

test('S2 四(一): each organ explains to its own superior; the superior they have in common approves, its supervisory organ traces', async () => {
  const number = await start();
  await course.drive(number, explain('yz-water', 'department'), explain('yz-dx-urban', 'department.dx'));
  expect((await course.step(number, 'examine.yz-water')).assignee.organ).toBe('yz-gov');
  expect((await course.step(number, 'examine.yz-dx-urban')).assignee.organ).toBe('yz-dx-gov');
  await course.drive(number, accept('yz-water', 'leader'), accept('yz-dx-urban', 'leader.dx'));
  expect((await course.step(number, 'investigate')).assignee.organ).toBe('yz-supervision');
  await course.drive(number, report([findingOf('department.dx')], { touchesHead: true }));
  expect((await course.step(number, 'approve')).assignee.organ).toBe('yz-gov');
  await course.drive(number, approved);
  expect((await course.step(number, 'government-announce')).assignee.organ).toBe('yz-gov');
  await endWith(number);
});

test('organs of two districts are traced and announced for by the city, which stands over both', async () => {
  const number = await start({ organs: ['yz-dx-urban', 'yz-xs-urban'] });
  await course.drive(number, explain('yz-dx-urban', 'department.dx'), accept('yz-dx-urban', 'leader.dx'), explain('yz-xs-urban', 'department.xs'), accept('yz-xs-urban', 'leader.xs'));
  expect((await course.step(number, 'investigate')).assignee.organ).toBe('yz-supervision');
  await course.drive(number, report([findingOf('department.xs')], { touchesHead: true }), approved);
  expect((await course.step(number, 'government-announce')).assignee.organ).toBe('yz-gov');
  await endWith(number);
});

test('an organ alone in its district stays with the district: its government approves, its supervisory organ traces', async () => {
  const number = await start({ organs: ['yz-dx-urban'] });
  await course.drive(number, explain('yz-dx-urban', 'department.dx'), accept('yz-dx-urban', 'leader.dx'));
  expect((await course.step(number, 'investigate')).assignee.organ).toBe('yz-dx-supervision');
  await endWith(number);
});

test('the intake may name one superior for all', async () => {
  const number = await start({ superior: 'yz-gov' });
  await course.drive(number, explain('yz-dx-urban', 'department.dx'));
  expect((await course.step(number, 'examine.yz-dx-urban')).assignee.organ).toBe('yz-gov');
  await endWith(number);
});

test('returned by every return it may meet, the review is completed all the same', async () => {
  const number = await start({ organs: ['yz-water'] });
  await course.drive(number, explain('yz-water', 'department'), ['examine.yz-water', 'return', { reasons: '责任机制一节不具体' }, 'leader']);
  expect(await course.step(number, 'explain.yz-water')).toMatchObject({ round: 2, context: { returned: '责任机制一节不具体' }, due: '2030-03-28' });
  await course.drive(number, explain('yz-water', 'department'), accept('yz-water', 'leader'), report([findingOf('department.water')]), ['approve', 'return', { reasons: '层次不清' }, 'leader']);
  // 60 days after 1 March: Tuesday 30 April; the return does not stop it.
  expect(await course.step(number, 'investigate')).toMatchObject({ round: 2, context: { returned: '层次不清' }, due: '2030-04-30' });
  await course.drive(number, report([findingOf('department.water')]), approved, ['notify.yz-water', 'notify', { text: '通报' }, 'department']);
  expect(await course.closed(number)).toBe('notified');
  await endWith(number);
});

test('责任倒查: a person found responsible on two levels is one referral with both faults; who is not responsible is none', async () => {
  const number = await start({ organs: ['yz-water'] });
  const findings = [findingOf('department.water', 'handling'), findingOf('department.water', 'review'), findingOf('leader.water', 'approval', false, 'organ-head'), findingOf('department', 'review')];
  await course.drive(number, explain('yz-water', 'department'), accept('yz-water', 'leader'), report(findings), approved);
  await world.untilOpen(number, 'notify.yz-water');
  await world.settled(number);
  const started = await Promise.all((await course.started(number)).map((link) => world.view(link.caseNumber)));
  expect(started.map((view) => view.persons.map((person) => person.staffId))).toEqual([[personOf('department.water').staffId], [personOf('department').staffId]]);
  expect((started[0]?.intake as { facts: string }).facts).toBe('handling环节未尽职\nreview环节未尽职');
  await endWith(number);
});

test('S0 (五): the organ whose people were derelict apologises in public, the other does not; where the findings lead to neither, both do', async () => {
  const one = await start();
  await course.drive(one, ...explained, report([findingOf('department.dx')], { dereliction: true }), approved);
  await world.untilOpen(one, 'apologise.yz-dx-urban');
  expect((await course.open(one)).map(([id]) => id)).toEqual(['apologise.yz-dx-urban']);
  const both = await start();
  await course.drive(both, ...explained, report([findingOf('department.dx', 'handling', false)], { dereliction: true }), approved);
  await world.untilOpen(both, 'apologise.yz-dx-urban');
  expect((await course.open(both)).map(([id]) => id).sort()).toEqual(['apologise.yz-dx-urban', 'apologise.yz-water']);
  await endWith(one);
  await endWith(both);
});

test('S2 四(一): where the head of a department is touched the government announces, on record and published, beside the departments', async () => {
  const number = await start({ organs: ['yz-water'] });
  await course.drive(number, explain('yz-water', 'department'), accept('yz-water', 'leader'), report([findingOf('leader.water', 'approval', true, 'organ-head')], { touchesHead: true }), approved,
    ['government-announce', 'announce', { text: '市政府通报' }, 'leader'], ['notify.yz-water', 'notify', { text: '部门通报' }, 'department']);
  expect(await course.closed(number)).toBe('notified');
  expect((await course.events(number, 'announcement')).map((event) => event.facts)).toEqual([{ organ: 'yz-gov', scope: 'government' }, { organ: 'yz-water', scope: 'government' }]);
  expect((await course.kept('publication', number)).map((kept) => (kept.content as { text: string }).text).sort()).toEqual(['市政府通报', '部门通报']);
  expect(await course.kept('filing', number)).toMatchObject([{ content: { category: 'fire-safety' } }]);
  await endWith(number);
});

test('公务员法 76: findings that name the head of the government are approved and announced above it', async () => {
  const number = await start({ organs: ['yz-water'] });
  await course.drive(number, explain('yz-water', 'department'), accept('yz-water', 'leader'), report([findingOf('leader', 'approval', true, 'organ-head')], { touchesHead: true }));
  expect((await course.step(number, 'approve')).assignee.organ).toBe('yl-gov');
  await course.drive(number, ['approve', 'approve', {}, 'leader.province']);
  expect((await course.step(number, 'government-announce')).assignee.organ).toBe('yl-gov');
  await endWith(number);
});

test('the superior withdraws a review that was opened in error, and nobody else does; persons referred, nobody does', async () => {
  const number = await start();
  await course.drive(number, explain('yz-water', 'department'));
  await world.untilOpen(number, 'examine.yz-water');
  expect((await world.refusal(world.act(number, 'withdraw', { reasons: '误报' }, 'supervisor'))).type).toBe('not-yours');
  await world.act(number, 'withdraw', { reasons: '误报' }, 'leader');
  expect(await course.closed(number)).toBe('withdrawn');
  expect((await course.events(number, 'step-cancelled')).map((event) => event.step).sort()).toEqual(['examine.yz-water', 'explain.yz-dx-urban']);
  expect((await world.view(number)).clocks.every((clock) => clock.reading?.stopped)).toBe(true);
});

test('two reviews of one incident are joined once both have explained; the organ in charge of the second is told the result', async () => {
  const [leading, follower] = [await start({ organs: ['yz-water'] }), await start({ organs: ['yz-water'] })];
  expect((await world.refusal(world.act(follower, 'merge', { into: leading, reasons: '同一事件' }, 'supervisor'))).type).toBe('action-not-allowed');
  await course.drive(follower, explain('yz-water', 'department'), accept('yz-water', 'leader'));
  await world.untilOpen(follower, 'investigate');
  await world.act(follower, 'merge', { into: leading, reasons: '同一事件' }, 'supervisor');
  await course.drive(leading, explain('yz-water', 'department'), accept('yz-water', 'leader'), report([findingOf('department.water', 'handling', false)]), approved, ['notify.yz-water', 'notify', { text: '通报' }, 'department']);
  expect(await course.closed(leading)).toBe('notified');
  expect(await course.closed(follower)).toBe('merged');
  const notices = await course.notices(follower);
  expect(notices).toContain('leading-concluded → yz-supervision');
  expect(notices.filter((notice) => notice.endsWith('complainant'))).toEqual([]);
});

test('one organ answers and one stays silent: only the silent one climbs the ladder to the referral of its head, its superior is told, the other waits', async () => {
  const number = await start();
  await course.drive(number, explain('yz-water', 'department'), accept('yz-water', 'leader'));
  // One month after 28 February: Thursday 28 March.
  await world.untilOpen(number, 'explain.yz-dx-urban');
  expect(await course.open(number)).toEqual([['explain.yz-dx-urban', '2030-03-28']]);
  await world.skipTo('2030-04-26T09:00:00+08:00');
  await world.until(async () => (await course.started(number)).length > 0, 'the head to be referred');
  expect(await course.rungs(number, 'explain.yz-dx-urban')).toEqual([
    ['reminder', '2030-03-21', 'notice'], ['overdue', '2030-03-28', 'overdue'], ['criticism', '2030-04-11', 'criticism'], ['referral', '2030-04-25', 'referral'],
  ]);
  expect(await course.rungs(number, 'explain.yz-water')).toEqual([]);
  const notices = await course.notices(number);
  expect(notices.filter((notice) => notice.startsWith('rung.overdue'))).toEqual([
    'rung.overdue → yz-dx-urban', 'rung.overdue → yz-dx-urban', 'rung.overdue → yz-dx-gov', 'rung.overdue → yz-dx-supervision',
  ]);
  expect(await course.kept('criticism', number)).toMatchObject([{ organ: 'yz-dx-urban' }]);
  // Nobody on the staff list heads the urban bureau: the office stands for who holds it.
  const [link] = await course.started(number);
  expect(await world.view(link?.caseNumber ?? '')).toMatchObject({ leadOrgan: 'yz-dx-supervision', persons: [{ name: '机关主要负责人', organ: 'yz-dx-urban', postLevel: 'organ-head' }] });
  expect((await world.view(number)).stage).toBe('explanation');
  // It must explain all the same, and then the review goes on.
  await course.drive(number, explain('yz-dx-urban', 'department.dx'), accept('yz-dx-urban', 'leader.dx'));
  await world.untilOpen(number, 'investigate');
  await endWith(number);
});

test('S2 四(一): three months to announce within the government system, one for the government; silence climbs both ladders', async () => {
  // Friday 26 April 2030.
  const number = await start({ organs: ['yz-water'], occurredOn: '2030-04-25' });
  await course.drive(number, explain('yz-water', 'department'), accept('yz-water', 'leader'), report([findingOf('department.water', 'handling', false)], { touchesHead: true }), approved);
  await world.untilOpen(number, 'notify.yz-water');
  // One month after 26 April: Sunday 26 May, so Monday the 27th. Three months: Friday 26 July.
  expect((await course.open(number)).sort()).toEqual([['government-announce', '2030-05-27'], ['notify.yz-water', '2030-07-26']]);
  await world.skipTo('2030-09-01T09:00:00+08:00');
  await world.until(async () => (await course.started(number)).length > 0, 'the head to be referred');
  expect(await course.rungs(number, 'government-announce')).toEqual([
    ['reminder', '2030-05-22', 'notice'], ['overdue', '2030-05-27', 'overdue'], ['criticism', '2030-06-24', 'criticism'],
  ]);
  expect(await course.rungs(number, 'notify.yz-water')).toEqual([
    ['reminder', '2030-07-19', 'notice'], ['overdue', '2030-07-26', 'overdue'], ['criticism', '2030-08-09', 'criticism'], ['referral', '2030-08-23', 'referral'],
  ]);
  const [link] = await course.started(number);
  expect((await world.view(link?.caseNumber ?? '')).persons).toEqual([personOf('leader.water', 'organ-head')]);
  await endWith(number);
});
