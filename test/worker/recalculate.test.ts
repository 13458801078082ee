import { withYear, type CalendarYear } from '../../domain/calendar/data';
import { civilDate, civilDateAt } from '../../domain/civil-date';
import { lawFromVersions, verifyClocks, type Law, type LawArchive, type PolicyLimit } from '../../domain/clock';
import { loadLaw } from '../../policy/load';
import { calendarSet, policySet } from '../../policy/version';
import { recalculate, whatReaches } from '../../worker/recalculate';
import { CaseWorld } from '../support/case-world';
import { Course } from '../workflows/course';
import { Races } from '../workflows/races';

/** As the files have it, where 2030 is not published; every version the tests come to is on file from the start, as the store keeps them. */
const files = loadLaw();
const [policy] = files.archive.policies;
const [calendar] = files.archive.calendars;
if (policy === undefined || calendar === undefined) throw new Error('the law has no content');

/** The years up to 2030, published. In 2030 Qingming falls on Friday 5 April. */
const published = calendarSet(calendar.calendars.map((data) => (data.jurisdiction !== 'cn' ? data : yearsAfter(data.years.at(-1)?.year ?? 0).reduce(withYear, data))));

function yearsAfter(last: number): CalendarYear[] {
  return Array.from({ length: 2030 - last }, (_, index) => last + 1 + index).map((year) => ({
    year, notices: [{ number: `国办发明电〔${year - 1}〕1号`, issued: civilDate(`${year - 1}-11-01`), source: 'https://example.gov.cn/' }],
    holidays: year === 2030 ? [{ name: 'qingming', from: civilDate('2030-04-05'), to: civilDate('2030-04-07') }] : [],
  }));
}

/** The month to explain becomes twenty days. */
function corrected(transition: PolicyLimit['transition']) {
  return policySet((policy?.limits ?? []).map((limit) => (limit.id !== 'incident.explain' ? limit : { ...limit, limit: { amount: 20, unit: 'calendar-day' as const }, transition })));
}
const forNew = corrected('new-cases');
const forRunning = corrected('running-cases');

/** The examination of an explanation is to take three days. */
const examinedShortly = (transition: PolicyLimit['transition']) => policySet(policy.limits.map((limit) => (limit.id !== 'incident.examine' ? limit : { ...limit, limit: { amount: 3, unit: 'calendar-day' as const }, transition })));

const archive: LawArchive = { policies: [policy, forNew, forRunning, examinedShortly('new-cases'), examinedShortly('running-cases')], calendars: [calendar, published] };
const inForce = { policyVersion: policy.version, calendarVersion: calendar.version };
/** What the worker of the world goes by: a restart under another law is a change of `inForce`. */
const lawOfWorker: Law = lawFromVersions(archive, inForce);

let world: CaseWorld;
beforeAll(async () => { world = await CaseWorld.begin('2030-03-12', { law: lawOfWorker }); }, 180_000);
afterAll(() => world.end());

const incident = (occurredOn: string) => ({ category: 'work-safety', subject: '水库溢洪道闸门故障', facts: '汛前检查发现闸门不能启闭。', occurredOn, organs: ['yz-water'] });
const start = (occurredOn: string): Promise<string> => world.start('incident-review', incident(occurredOn), 'supervisor');

/** The worker starts again under this law, and tells who is reached. */
async function restartUnder(change: Partial<Law['current']>): Promise<string[]> {
  Object.assign(inForce, change);
  return recalculate(world.store, world.environment.client, lawOfWorker);
}

async function readingOf(caseNumber: string) {
  const clock = (await world.view(caseNumber)).clocks.find((each) => each.id === 'explain.yz-water');
  if (clock?.reading == null) throw new Error(`${caseNumber} has no reading`);
  return { spec: clock.spec, reading: clock.reading };
}
const eventsOf = async (caseNumber: string, kind: string) => (await world.events(caseNumber)).filter((event) => event.kind === kind);
const untilRecalculated = async (caseNumber: string): Promise<void> => {
  await world.until(async () => (await eventsOf(caseNumber, 'clock-recalculated')).length === 1, `${caseNumber} to be recalculated`);
  await world.settled(caseNumber);
};
const movedNotices = async (caseNumber: string) => (await eventsOf(caseNumber, 'notice')).filter((event) => event.facts['template'] === 'due-date-moved').map((event) => event.facts);

test('a published year and a corrected limit reach the running cases they are meant for, on record', async () => {
  // One month from 5 March: Friday 5 April, a working day as far as anybody knows; from 11 March: Thursday 11 April.
  const [moving, staying] = [await start('2030-03-05'), await start('2030-03-11')];
  expect((await readingOf(moving)).reading).toMatchObject({ due: '2030-04-05', provisional: true });
  expect((await readingOf(staying)).reading).toMatchObject({ due: '2030-04-11', provisional: true });
  expect(await restartUnder({})).toEqual([]);

  // The calendar is published: Qingming moves the first to Monday 8 April; the second keeps its date and is certain now.
  expect((await restartUnder({ calendarVersion: published.version })).sort()).toEqual([moving, staying].sort());
  await untilRecalculated(moving);
  await untilRecalculated(staying);
  expect((await readingOf(moving)).reading).toMatchObject({ due: '2030-04-08', provisional: false, calendarVersion: published.version, policyVersion: policy.version });
  expect((await readingOf(staying)).reading).toMatchObject({ due: '2030-04-11', provisional: false, calendarVersion: published.version });
  expect((await eventsOf(moving, 'clock-recalculated'))[0]).toMatchObject({ clock: 'explain.yz-water', facts: { kind: 'recalculation', calendarVersion: published.version, ground: 'calendar-published' } });
  expect(await movedNotices(moving)).toEqual([expect.objectContaining({ clock: 'explain.yz-water', dueBefore: '2030-04-05', due: '2030-04-08' })]);
  expect(await movedNotices(staying)).toEqual([]);
  expect((await world.store.cases.findView(moving))?.openSteps[0]?.due).toBe('2030-04-08');

  // Told again, nothing changes.
  expect(await restartUnder({})).toEqual([]);

  // A corrected limit for new cases leaves the running ones alone; a case that begins now has it.
  expect(await restartUnder({ policyVersion: forNew.version })).toEqual([]);
  const later = await start('2030-03-11');
  // Twenty days from 11 March: Sunday 31 March, so Monday 1 April.
  expect((await readingOf(later)).reading).toMatchObject({ due: '2030-04-01', policyVersion: forNew.version });
  expect((await readingOf(staying)).reading).toMatchObject({ due: '2030-04-11', policyVersion: policy.version });

  // One for running cases reaches them: twenty days from 5 March are Monday 25 March, from 11 March Sunday 31 March, so Monday 1 April.
  const told = await restartUnder({ policyVersion: forRunning.version });
  expect(told).toEqual(expect.arrayContaining([moving, staying]));
  await world.until(async () => (await eventsOf(moving, 'clock-recalculated')).length === 2 && (await eventsOf(staying, 'clock-recalculated')).length === 2, 'both to be recalculated');
  await world.settled(moving);
  await world.settled(staying);
  expect((await readingOf(moving)).reading).toMatchObject({ due: '2030-03-25', policyVersion: forRunning.version });
  expect((await readingOf(staying)).reading).toMatchObject({ due: '2030-04-01', policyVersion: forRunning.version });
  expect(await movedNotices(staying)).toEqual([expect.objectContaining({ dueBefore: '2030-04-11', due: '2030-04-01', ground: 'corrected-limit' })]);

  // What the cases hold can be computed again by anyone from the events and the versions on file.
  const clocks = [await readingOf(moving), await readingOf(staying), await readingOf(later)];
  expect(verifyClocks({ clocks, law: lawFromVersions(archive, { policyVersion: '-', calendarVersion: '-' }) })).toEqual([]);

  // The ladder acts on the new date, once.
  await world.skipTo('2030-03-26T09:00:00+08:00');
  await world.until(async () => (await eventsOf(moving, 'rung')).some((event) => event.facts['rung'] === 'overdue'), 'the ladder to act');
  expect((await eventsOf(moving, 'rung')).filter((event) => event.facts['rung'] === 'overdue').map((event) => event.facts['legalDate'])).toEqual(['2030-03-25']);
}, 120_000);

const explanation = {
  managementSystem: { missing: true, statement: '检修制度缺失' }, measures: { appropriate: true, statement: '已采取临时措施' }, responsibility: { sound: false, statement: '责任未落实到岗' },
};

test('told twice of the same law before the first is on file, a case records it once and sends one notice', async () => {
  Object.assign(inForce, { policyVersion: policy?.version, calendarVersion: calendar?.version });
  const caseNumber = await start('2030-03-05');
  Object.assign(inForce, { calendarVersion: published.version });
  const messages = whatReaches(await world.view(caseNumber), lawOfWorker, await world.now());
  expect(messages.map(({ ground }) => ground)).toEqual(['calendar-published']);
  await new Races(() => world, new Course(() => world)).toldTwice(caseNumber, messages);
  expect(await eventsOf(caseNumber, 'clock-recalculated')).toHaveLength(1);
  expect(await movedNotices(caseNumber)).toEqual([expect.objectContaining({ dueBefore: '2030-04-05', due: '2030-04-08' })]);
});

describe('a clock that begins later in a case that is already running', () => {
  /** A case that began before anything was published or corrected, and comes to its second step only afterwards; gives the clock of that step. */
  async function examinedUnder(later: { version: string }) {
    Object.assign(inForce, { policyVersion: policy?.version, calendarVersion: calendar?.version });
    const caseNumber = await start('2030-03-11');
    Object.assign(inForce, { policyVersion: later.version, calendarVersion: published.version });
    await world.answer(caseNumber, 'explain.yz-water', 'explain', explanation, 'department');
    await world.untilOpen(caseNumber, 'examine.yz-water');
    await world.settled(caseNumber);
    const view = await world.view(caseNumber);
    // What begins under what reaches it needs no recalculation.
    expect(whatReaches({ ...view, clocks: view.clocks.filter((each) => each.id === 'examine.yz-water') }, lawOfWorker, await world.now())).toEqual([]);
    expect(view.law).toMatchObject({ policyVersion: policy?.version, calendarVersion: calendar?.version });
    const clock = view.clocks.find((each) => each.id === 'examine.yz-water');
    if (clock?.reading == null) throw new Error('the examination has no clock');
    const days = clock.reading.due === null || clock.spec.events[0]?.at === undefined ? NaN : (Date.parse(clock.reading.due) - Date.parse(civilDateAt(clock.spec.events[0].at))) / 86_400_000;
    expect(verifyClocks({ clocks: [{ spec: clock.spec, reading: clock.reading }], law: lawFromVersions(archive, { policyVersion: '-', calendarVersion: '-' }) })).toEqual([]);
    return { versions: [clock.spec.policyVersion, clock.spec.calendarVersion, clock.reading.policyVersion, clock.reading.calendarVersion], days, reading: clock.reading };
  }

  test('goes by the calendar in force, and by the limit the case began with where the corrected one is for new cases', async () => {
    const { versions, reading } = await examinedUnder(examinedShortly('new-cases'));
    expect(versions).toEqual([policy?.version, published.version, policy?.version, published.version]);
    expect(reading.provisional).toBe(false);
  }, 60_000);
  test('goes by the corrected limit where that is for running cases', async () => {
    const later = examinedShortly('running-cases');
    const { versions, days } = await examinedUnder(later);
    expect(versions).toEqual([later.version, published.version, later.version, published.version]);
    // Three days, or two more where they end at a weekend.
    expect([3, 4, 5]).toContain(days);
  }, 60_000);
});
