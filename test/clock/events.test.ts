/** What happens to a clock on its way: pauses, extensions, caps, exclusions, a new start, an undone stop. Dates by hand; the calendar of 2026 stands in counting.test.ts. */
import { civilDate } from '../../domain/civil-date';
import { clockStatus, extensionObstacle, readClock, remainingAt } from '../../domain/clock';
import { parseLimit } from '../../domain/limit';
import { at, entry, exclude, extend, lawOf, pause, read, resume, shipped, shippedSpec, spec, start, stop } from './world';

describe('pause and resume: 中止期间不计入, what remains runs on', () => {
  test('the day of the pause does not count, the day of the resumption does', () => {
    // 10, 11 March count; paused on 12 March (Thursday), resumed on 18 March (Wednesday): 18, 19, 20 March.
    expect(read(entry('5 working days'), [start('2026-03-09'), pause('2026-03-12'), resume('2026-03-18')]).due).toBe('2026-03-20');
  });
  test('paused and resumed on one day: nothing is gained', () => {
    expect(read(entry('5 working days'), [start('2026-03-09'), pause('2026-03-12 09:00'), resume('2026-03-12 17:00')]).due).toBe('2026-03-16');
  });
  test('paused on its last day, it still has that day when it is resumed', () => {
    expect(read(entry('5 working days'), [start('2026-03-09'), pause('2026-03-16'), resume('2026-03-25')]).due).toBe('2026-03-25');
  });
  test('while it rests it has no due date and no rungs, and says what remains', () => {
    const reading = read(entry('5 working days'), [start('2026-03-09'), pause('2026-03-12')]);
    expect(reading).toMatchObject({ due: null, dueAt: null, paused: true, rungs: [], remaining: { amount: 3, unit: 'working-day' } });
    expect(clockStatus(reading, spec([]), at('2026-12-31'))).toBe('paused');
  });
  test('across New Year into an unpublished year the date is provisional', () => {
    // 22, 23 December; paused 24 December; resumed Wednesday 6 January 2027: 6, 7, 8, 11, 12, 13, 14, 15 January.
    const events = [start('2026-12-21'), pause('2026-12-24'), resume('2027-01-06')];
    expect(read(entry('10 working days'), events)).toMatchObject({ due: '2027-01-15', provisional: true });
  });
  test('a clock overdue when it is paused stays overdue', () => {
    const events = [start('2026-03-09'), pause('2026-03-20')];
    const reading = read(entry('5 working days'), events);
    expect(reading.due).toBe('2026-03-16');
    expect(clockStatus(reading, spec(events), at('2026-03-21'))).toBe('overdue');
  });
  test('two pauses add up: 3 and 2 days', () => {
    // 10 days from 2 March would end on 12 March; 5 days later it is Tuesday 17 March.
    expect(read(entry('10 days'), [start('2026-03-02'), pause('2026-03-04'), resume('2026-03-07'), pause('2026-03-10'), resume('2026-03-12')]).due).toBe('2026-03-17');
  });
  test('office hours rest exactly: 1 hour counted, 7 left', () => {
    const { dueAt } = read(entry('8 office hours'), [start('2026-03-10 09:00'), pause('2026-03-10 10:00'), resume('2026-03-11 15:30')]);
    // 15:30–18:00 on 11 March: 2.5 hours; 9–12 and 13–14:30 on 12 March: 4.5 hours.
    expect(dueAt).toBe(at('2026-03-12 14:30'));
  });
});

describe('excluded days: 听证所需时间不计算在复核期限内', () => {
  test('a hearing of five days moves 30 days from 1 April to 6 April (清明), thus to 7 April', () => {
    expect(readClock(shippedSpec('complaint.re-review', [start('2026-03-02'), exclude('2026-03-16', '2026-03-16', '2026-03-20')]), shipped).due).toBe('2026-04-07');
  });
  test('a hearing on one day is one day', () => {
    expect(read(entry('10 days'), [start('2026-03-02'), exclude('2026-03-05', '2026-03-05', '2026-03-05')]).due).toBe('2026-03-13');
  });
  test('a hearing within a pause is not taken off twice', () => {
    const events = [start('2026-03-02'), pause('2026-03-04'), exclude('2026-03-05', '2026-03-05', '2026-03-06'), resume('2026-03-09')];
    expect(read(entry('10 days'), events).due).toBe('2026-03-17');
  });
  test('a hearing on a weekend takes nothing from a limit in working days', () => {
    expect(read(entry('5 working days'), [start('2026-03-12'), exclude('2026-03-13', '2026-03-14', '2026-03-15')]).due).toBe('2026-03-19');
  });
});

describe('caps: 可以适当延长，但延长期限不得超过30日 (信访工作条例第三十四条)', () => {
  const accepted = [start('2026-03-02')];
  test('60 days and 30 more from 2 March end on Sunday 31 May and move to 1 June', () => {
    expect(readClock(shippedSpec('complaint.handle', [...accepted, extend('2026-04-20', '30 days')]), shipped)).toMatchObject({ due: '2026-06-01', capped: false });
  });
  test('31 days are refused, 30 are not', () => {
    expect(extensionObstacle(shippedSpec('complaint.handle', accepted), shipped, parseLimit('31 days'))).toBe('too-long');
    expect(extensionObstacle(shippedSpec('complaint.handle', accepted), shipped, parseLimit('30 days'))).toBeNull();
  });
  test('an extension beyond the cap that stands on record all the same is drawn in', () => {
    expect(readClock(shippedSpec('complaint.handle', [...accepted, extend('2026-04-20', '45 days')]), shipped)).toMatchObject({ due: '2026-06-01', capped: true });
  });
  test('a second extension is refused', () => {
    expect(extensionObstacle(shippedSpec('complaint.handle', [...accepted, extend('2026-04-20', '10 days')]), shipped, parseLimit('10 days'))).toBe('too-often');
  });
  test('a limit without extension refuses every one', () => {
    expect(extensionObstacle(spec(accepted), lawOf(entry('5 working days')), parseLimit('1 day'))).toBe('not-extendable');
  });
});

describe('caps: 最长不得超过12个月 (行政机关公务员处分条例第四十四条)', () => {
  const opened = [start('2025-03-31')];
  test('6 months from 31 March end on 30 September, having no 31st', () => {
    expect(readClock(shippedSpec('referral.decide', opened), shipped).due).toBe('2025-09-30');
  });
  test('6 more are counted from the beginning: 12 months from 31 March end on 31 March', () => {
    expect(readClock(shippedSpec('referral.decide', [...opened, extend('2025-09-01', '6 months')]), shipped)).toMatchObject({ due: '2026-03-31', capped: false });
  });
  test('4 months are granted (31 January 2026 is a Saturday: 2 February), 4 more would be beyond 12', () => {
    const events = [...opened, extend('2025-09-01', '4 months')];
    expect(readClock(shippedSpec('referral.decide', events), shipped).due).toBe('2026-02-02');
    expect(extensionObstacle(shippedSpec('referral.decide', events), shipped, parseLimit('4 months'))).toBe('beyond-cap');
    expect(extensionObstacle(shippedSpec('referral.decide', events), shipped, parseLimit('2 months'))).toBeNull();
    expect(readClock(shippedSpec('referral.decide', [...events, extend('2026-01-05', '4 months')]), shipped)).toMatchObject({ due: '2026-03-31', capped: true });
  });
});

describe('restart, stop and reopen', () => {
  test('a restart counts from its day; extensions and pauses before it are spent', () => {
    const events = [start('2026-03-02'), pause('2026-03-04'), resume('2026-03-06'), extend('2026-03-06', '5 days'), { kind: 'restart', at: at('2026-03-10'), ground: 'new facts' } as const];
    expect(read(entry('15 days'), events).due).toBe('2026-03-25');
  });
  test('done on the last day is in time, on the day after late', () => {
    const [inTime, late] = [[start('2026-03-09'), stop('2026-03-16 23:59')], [start('2026-03-09'), stop('2026-03-17 00:00')]];
    expect(clockStatus(read(entry('5 working days'), inTime), spec(inTime), at('2026-04-01'))).toBe('met');
    expect(clockStatus(read(entry('5 working days'), late), spec(late), at('2026-04-01'))).toBe('met-late');
  });
  test('退回不停止计算: reopened, the clock is as if it had never stopped, and by then overdue', () => {
    const events = [start('2026-03-09'), stop('2026-03-13'), { kind: 'reopen', at: at('2026-03-18'), ground: 'returned' } as const];
    const reading = read(entry('5 working days'), events);
    expect(reading).toMatchObject({ due: '2026-03-16', stopped: false, inTime: null });
    expect(clockStatus(reading, spec(events), at('2026-03-18'))).toBe('overdue');
  });
  test('the day of an event that was reported later counts, not the day of the report', () => {
    const reading = read(entry('1 month'), [{ kind: 'start', at: at('2026-03-20'), on: civilDate('2026-03-03'), trigger: 'occurrence' }]);
    expect(reading.due).toBe('2026-04-03');
  });
  test('an order that sets its own date replaces the limit of the entry', () => {
    expect(read(entry('30 days'), [start('2026-03-09')], { override: parseLimit('10 working days') }).due).toBe('2026-03-23');
  });
});

test('two clocks at once, each with its own unit: a pause of one does not move the other', () => {
  const law = lawOf(entry('60 days', { id: 'test.whole' }), entry('5 working days', { id: 'test.step' }));
  const whole = spec([start('2026-03-02')], { limitId: 'test.whole' });
  const step = spec([start('2026-03-09'), pause('2026-03-12'), resume('2026-03-18')], { limitId: 'test.step' });
  expect([whole, step].map((each) => readClock(each, law).due)).toEqual(['2026-05-06', '2026-03-20']);
});

describe('the ladder of 四(一): 1 month to explain; a month from 10 September 2026 ends on worked Saturday 10 October', () => {
  const reading = readClock(shippedSpec('incident.explain', [start('2026-09-10')]), shipped);
  const rung = (key: string) => reading.rungs.find((each) => each.key === key);
  test('due on the worked Saturday', () => expect(reading.due).toBe('2026-10-10'));
  test('reminder 5 working days before due: 9, 8 October, 30, 29, 28 September', () => {
    expect(rung('reminder')).toEqual({ key: 'reminder', date: '2026-09-28', at: at('2026-09-28 00:00') });
  });
  test('overdue at the first instant after the last day', () => expect(rung('overdue')).toEqual({ key: 'overdue', date: '2026-10-10', at: at('2026-10-11 00:00') }));
  test('criticism on the 10th working day after: 12–16, 19–23 October', () => expect(rung('criticism')).toEqual({ key: 'criticism', date: '2026-10-23', at: at('2026-10-23 00:00') }));
  test('referral of the head on the 20th: 26–30 October, 2–6 November', () => expect(rung('referral')?.date).toBe('2026-11-06'));
  test('rungs stand in the order of time', () => expect(reading.rungs.map((each) => each.key)).toEqual(['reminder', 'overdue', 'criticism', 'referral']));
  test('status: running, due soon from the reminder on, overdue from midnight', () => {
    const status = (wall: string) => clockStatus(reading, spec([]), at(wall));
    expect(['2026-09-27 23:59', '2026-09-28 00:00', '2026-10-10 23:59', '2026-10-11 00:00'].map(status)).toEqual(['running', 'due-soon', 'due-soon', 'overdue']);
  });
  test('what remains on the eve and on the last day, that day included', () => {
    const law = lawOf(entry('5 working days'));
    const remains = (wall: string) => remainingAt(spec([start('2026-03-09')]), law, at(wall))?.amount;
    expect(['2026-03-09', '2026-03-10', '2026-03-13', '2026-03-16', '2026-03-17'].map(remains)).toEqual([5, 5, 2, 1, 0]);
  });
});
