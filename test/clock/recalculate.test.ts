/** Which new versions of calendar and policy reach a clock, and on what ground; and under which a clock begins in a case that is older. */
import { withYear, type CalendarYear } from '../../domain/calendar/data';
import { civilDate } from '../../domain/civil-date';
import { lawFromVersions, recalculate, versionsAtStart, type ClockEvent, type Law, type PolicyLimit } from '../../domain/clock';
import { at, entry, pause, resume, shipped, spec, start, stop } from './world';

const calendars = shipped.archive.calendars[0]?.calendars ?? [];
const lastYear = Math.max(...calendars.filter((data) => data.jurisdiction === 'cn').flatMap((data) => data.years.map((year) => year.year)));

/** Every year up to 2030 published; in 2030 nothing but Qingming, Friday 5 April to Sunday. */
const upTo2030 = Array.from({ length: 2030 - lastYear }, (_, index): CalendarYear => ({
  year: lastYear + 1 + index, notices: [{ number: '试〔2029〕1号', issued: civilDate('2029-11-01'), source: 'https://example.gov.cn/' }],
  holidays: lastYear + 1 + index === 2030 ? [{ name: 'qingming', from: civilDate('2030-04-05'), to: civilDate('2030-04-07') }] : [],
}));
const inChina = calendars.map((data) => (data.jurisdiction === 'cn' ? upTo2030.reduce(withYear, data) : data));
/** Something is corrected in England that China does not feel. */
const inEngland = calendars.map((data) => (data.jurisdiction === 'gb-eaw' ? { ...data, title: { zh: '英格兰', en: 'England' } } : data));

const month = entry('1 month');
const other = entry('9 days', { id: 'test.other' });
const shorter = (transition: PolicyLimit['transition']): PolicyLimit => entry('20 days', { transition });
const policies = [
  { version: 'policy-1', limits: [month, other] },
  { version: 'for-new', limits: [shorter('new-cases'), other] },
  { version: 'for-running', limits: [shorter('running-cases'), other] },
  { version: 'other-changed', limits: [entry('1 month', { transition: 'running-cases' }), entry('8 days', { id: 'test.other' })] },
  { version: 'same-for-running', limits: [entry('1 month', { transition: 'running-cases', validFrom: civilDate('2000-01-01') }), other] },
  { version: 'reworded', limits: [entry('1 month', { transition: 'running-cases', title: { zh: '新题', en: 'new title' } }), other] },
  { version: 'without', limits: [other] },
  { version: 'with-more', limits: [month, other, entry('3 days', { id: 'test.new' })] },
];
const sets = [{ version: 'calendar-1', calendars }, { version: 'china', calendars: inChina }, { version: 'england', calendars: inEngland }];
const under = (policyVersion: string, calendarVersion: string): Law => lawFromVersions({ policies, calendars: sets }, { policyVersion, calendarVersion });
const now = at('2030-03-12');
const reached = (events: readonly ClockEvent[], law: Law) => {
  const found = recalculate(spec(events), law, now);
  return found === null ? null : { ground: found.event.ground, versions: `${found.event.policyVersion} ${found.event.calendarVersion}`, from: found.from, to: found.to, moved: found.moved };
};
// One month from 5 March 2030: Friday 5 April; from 11 March: Thursday 11 April.
const moving = [start('2030-03-05')];
const staying = [start('2030-03-11')];

describe('a calendar', () => {
  test('that is published moves a date onto the day after the holiday', () => {
    expect(reached(moving, under('policy-1', 'china'))).toEqual({ ground: 'calendar-published', versions: 'policy-1 china', from: '2030-04-05', to: '2030-04-08', moved: true });
  });
  test('that is published makes a date certain that it does not move', () => {
    expect(reached(staying, under('policy-1', 'china'))).toEqual({ ground: 'calendar-published', versions: 'policy-1 china', from: '2030-04-11', to: '2030-04-11', moved: false });
  });
  test('of another jurisdiction reaches nobody here, not even a clock that rests', () => {
    expect(reached(moving, under('policy-1', 'england'))).toBeNull();
    expect(reached([...moving, pause('2030-03-07')], under('policy-1', 'england'))).toBeNull();
  });
  test('does not reach a date that was certain before', () => expect(reached([start('2026-03-05')], under('policy-1', 'china'))).toBeNull());
  test('reaches a clock that rests, which will go on by it', () => {
    expect(reached([...moving, pause('2030-03-07')], under('policy-1', 'china'))).toEqual({ ground: 'calendar-published', versions: 'policy-1 china', from: null, to: null, moved: false });
  });
  test('does not reach a clock that was stopped, nor one that has not begun', () => {
    expect(reached([...moving, stop('2030-03-08')], under('policy-1', 'china'))).toBeNull();
    expect(reached([], under('policy-1', 'china'))).toBeNull();
  });
});

describe('a corrected limit', () => {
  test('for running cases: twenty days from 5 March are Monday 25 March', () => {
    expect(reached(moving, under('for-running', 'calendar-1'))).toEqual({ ground: 'corrected-limit', versions: 'for-running calendar-1', from: '2030-04-05', to: '2030-03-25', moved: true });
  });
  test('for new cases leaves running ones alone', () => expect(reached(moving, under('for-new', 'calendar-1'))).toBeNull());
  test.each(['other-changed', 'same-for-running', 'reworded', 'without'])('nor does a version in which the dates of this limit are the same (%s)', (version) => {
    expect(reached(moving, under(version, 'calendar-1'))).toBeNull();
  });
  test('together with a published year is both: Friday 5 April was due, now Monday 25 March', () => {
    expect(reached(moving, under('for-running', 'china'))).toEqual({ ground: 'new-calendar-or-policy', versions: 'for-running china', from: '2030-04-05', to: '2030-03-25', moved: true });
  });
  test('for new cases, with a published year: only the year reaches it', () => {
    expect(reached(moving, under('for-new', 'china'))).toMatchObject({ ground: 'calendar-published', versions: 'policy-1 china' });
  });
  test('for running cases, with a year published elsewhere: only the limit reaches it', () => {
    expect(reached(moving, under('for-running', 'england'))).toMatchObject({ ground: 'corrected-limit', versions: 'for-running calendar-1' });
  });
});

test('once recorded, nothing reaches it again', () => {
  for (const [policy, calendar] of [['policy-1', 'china'], ['for-running', 'calendar-1'], ['for-running', 'china'], ['for-running', 'england']] as const) {
    const law = under(policy, calendar);
    const found = recalculate(spec(moving), law, now);
    if (found === null) throw new Error('nothing reached it');
    expect(recalculate(spec([...moving, found.event]), law, now)).toBeNull();
    expect(recalculate(spec([...moving, found.event, pause('2030-03-14'), resume('2030-03-15')]), law, now)).toBeNull();
  }
});

describe('a clock that begins in a case that began under policy-1 and calendar-1', () => {
  const since = civilDate('2030-03-12');
  const pinned = { policyVersion: 'policy-1', calendarVersion: 'calendar-1' };
  const begins = (law: Law, limitId = 'test.limit') => versionsAtStart(limitId, since, pinned, law);
  test('goes by the calendar in force, and by the policy of its case', () => {
    expect(begins(under('for-new', 'china'))).toEqual({ policyVersion: 'policy-1', calendarVersion: 'china' });
  });
  test('goes by a corrected limit for running cases', () => {
    expect(begins(under('for-running', 'china'))).toEqual({ policyVersion: 'for-running', calendarVersion: 'china' });
  });
  test('keeps the policy of its case where only other limits were corrected', () => {
    expect(begins(under('for-running', 'calendar-1'), 'test.other')).toEqual(pinned);
  });
  test('goes by the policy in force for a limit that its case is older than', () => {
    expect(begins(under('with-more', 'calendar-1'), 'test.new')).toEqual({ policyVersion: 'with-more', calendarVersion: 'calendar-1' });
  });
  test('keeps a limit that has been given up since', () => expect(begins(under('without', 'calendar-1'))).toEqual(pinned));
  test('of a policy that is not on file is refused', () => {
    expect(() => versionsAtStart('test.limit', since, { policyVersion: 'lost', calendarVersion: 'calendar-1' }, under('policy-1', 'calendar-1'))).toThrow('policy version "lost" is not on file');
  });
});

