/** Counting by the letter of the law. Every date is worked out by hand from the notices of the State Council; none by the code under test. */
import { due, entry, read, start } from './world';

/**
 * 2026 (国办发明电〔2025〕7号): 元旦 1–3 January, 4 January (Sunday) worked · 春节 15–23 February, 14 and 28 February (Saturdays) worked ·
 * 清明 4–6 April · 劳动节 1–5 May, 9 May (Saturday) worked · 端午 19–21 June · 中秋 25–27 September · 国庆 1–7 October,
 * 20 September (Sunday) and 10 October (Saturday) worked.
 */
describe('months: 到期月的对应日为期间的最后一日；没有对应日的，月末日为期间的最后一日 (民法典第二百零二条)', () => {
  test('31 January + 1 month ends on the last of February, a Friday', () => expect(due('1 month', '2025-01-31')).toBe('2025-02-28'));
  test('31 January + 1 month in a leap year ends on 29 February', () => expect(due('1 month', '2024-01-31')).toBe('2024-02-29'));
  test('31 January 2026 + 1 month ends on Saturday 28 February, which is worked, and so stays there', () => expect(due('1 month', '2026-01-31')).toBe('2026-02-28'));
  test('30 November + 3 months ends on the last of February', () => expect(due('3 months', '2022-11-30')).toBe('2023-02-28'));
  test('30 November + 3 months into a leap year ends on 29 February', () => expect(due('3 months', '2023-11-30')).toBe('2024-02-29'));
  test('30 November 2026 + 3 months ends on Sunday 28 February 2027 and moves to Monday, provisionally', () => {
    expect(read(entry('3 months'), [start('2026-11-30')])).toMatchObject({ due: '2027-03-01', provisional: true });
  });
  test('29 February + 1 month is 29 March, not the end of March', () => expect(due('1 month', '2024-02-29')).toBe('2024-03-29'));
  test('29 February + 12 months is 28 February', () => expect(due('12 months', '2024-02-29')).toBe('2025-02-28'));
  test('28 February + 12 months into a leap year is 28 February, a Wednesday, not 29', () => expect(due('12 months', '2023-02-28')).toBe('2024-02-28'));
  test('31 August + 1 month is 30 September', () => expect(due('1 month', '2026-08-31')).toBe('2026-09-30'));
  test('three months are counted at once, not month by month: 30 November does not become 28, then 28', () => expect(due('4 months', '2022-11-30')).toBe('2023-03-30'));
  test('a month that ends inside the National Day week ends on the first working day after it', () => expect(due('1 month', '2026-09-03')).toBe('2026-10-08'));
  test('a month that ends inside the Spring Festival of 2024 ends on its make-up Sunday', () => expect(due('1 month', '2024-01-15')).toBe('2024-02-18'));
});

describe('days: 开始的当日不计入，自下一日开始计算 (民法典第二百零一条)', () => {
  test('the day of the event is not counted', () => expect(due('1 day', '2026-03-09')).toBe('2026-03-10'));
  test('60 days from 2 March 2026 end on Labour Day and move to the day after the holiday, 6 May', () => expect(due('60 days', '2026-03-02')).toBe('2026-05-06'));
  test('start on a Saturday: the next day counts though it is a Sunday', () => expect(due('6 days', '2026-03-07')).toBe('2026-03-13'));
  test('start on a Saturday: seven days end on a Saturday and move to Monday', () => expect(due('7 days', '2026-03-07')).toBe('2026-03-16'));
  test('ends on a worked Saturday and stays there', () => expect(due('5 days', '2026-05-04')).toBe('2026-05-09'));
  test('29 February is a day like any other', () => expect(due('2 days', '2024-02-27')).toBe('2024-02-29'));
  test('an entry may count the day of the event', () => {
    expect(read(entry('5 days', { startRule: 'same-day' }), [start('2026-03-09')]).due).toBe('2026-03-13');
    expect(read(entry('5 working days', { startRule: 'same-day' }), [start('2026-03-09')]).due).toBe('2026-03-13');
  });
  test('a month that counts the day of the event ends on the eve of the same day of the next', () => {
    expect(read(entry('1 month', { startRule: 'same-day' }), [start('2026-03-10')]).due).toBe('2026-04-09');
    expect(read(entry('1 month', { startRule: 'same-day' }), [start('2026-03-01')]).due).toBe('2026-03-31');
  });
  test('a month that counts the day of the event, into a month that has no such day, ends on its last day: 31 March to 30 April', () => {
    expect(read(entry('1 month', { startRule: 'same-day' }), [start('2026-03-31')]).due).toBe('2026-04-30');
    // 29 and 30 January 2024: the eves of 29 February, a Wednesday, and of a day there is not; 31 January as well.
    const inclusive = (from: string) => read(entry('1 month', { startRule: 'same-day' }), [start(from)]).due;
    expect(['2024-01-29', '2024-01-30', '2024-01-31'].map(inclusive)).toEqual(['2024-02-28', '2024-02-29', '2024-02-29']);
  });
});

describe('the end on a day of rest: 期间的最后一日是法定休假日的，以法定休假日结束的次日为期间的最后一日 (民法典第二百零三条)', () => {
  test('roll on: 3 October becomes 8 October', () => expect(read(entry('30 days', { rollToWorkingDay: true }), [start('2026-09-03')]).due).toBe('2026-10-08'));
  test('roll off: 3 October stays', () => expect(read(entry('30 days', { rollToWorkingDay: false }), [start('2026-09-03')]).due).toBe('2026-10-03'));
  test('the day after the holiday is itself a worked Sunday: 1 January 2026 becomes 4 January', () => expect(due('1 day', '2025-12-31')).toBe('2026-01-04'));
});

describe('working days: 工作日不含法定节假日 and 调休 days are worked', () => {
  test('5 working days from Friday 25 September 2026: 28, 29, 30 September, 8, 9 October', () => expect(due('5 working days', '2026-09-25')).toBe('2026-10-09'));
  test('a limit across a make-up Saturday counts it: 7, 8, 9 (Saturday), 11 May', () => {
    expect(due('3 working days', '2026-05-06')).toBe('2026-05-09');
    expect(due('4 working days', '2026-05-06')).toBe('2026-05-11');
  });
  test('start on a Saturday: Monday is the first', () => expect(due('5 working days', '2026-03-07')).toBe('2026-03-13'));
  test('start on a make-up Saturday: it is the day of the event and does not count', () => expect(due('1 working day', '2026-05-09')).toBe('2026-05-11'));
  test('start inside a holiday: the first working day after it is the first', () => expect(due('1 working day', '2026-10-03')).toBe('2026-10-08'));
  test('across 29 February 2024, a Thursday', () => expect(due('2 working days', '2024-02-28')).toBe('2024-03-01'));
  test('the extra working day of a long limit: 20 working days across Spring Festival 2026', () => {
    // 10–14 February (Tue–Sat, Saturday worked): 5 · 24–28 February (Tue–Sat, Saturday worked): 10 · 2–6 March: 15 · 9–13 March: 20.
    expect(due('20 working days', '2026-02-09')).toBe('2026-03-13');
  });
  test('70th anniversary of 2015: 3 and 4 September do not count, Sunday 6 September does (国发明电〔2015〕1号)', () => {
    expect(due('2 working days', '2015-09-01')).toBe('2015-09-06');
  });
  test('2020, lengthened for the epidemic: 24 January to 2 February do not count (国办发明电〔2020〕1号)', () => expect(due('1 working day', '2020-01-23')).toBe('2020-02-03'));
});

describe('a year that is not published is provisional, never silently worked', () => {
  test('1 January 2027 is a day of rest by the Measures themselves; 5 January is the third day', () => {
    // Friday 1 January 2027 (元旦, 全国年节及纪念日放假办法第二条), weekend 2–3; worked: 4, 5, 6 January.
    expect(read(entry('3 working days'), [start('2026-12-31')])).toMatchObject({ due: '2027-01-06', provisional: true });
  });
  test('a working-day limit that ends in the last published year is certain', () => {
    expect(read(entry('3 working days'), [start('2026-12-28')])).toMatchObject({ due: '2026-12-31', provisional: false });
  });
  test('days and months without roll ask no calendar and are certain for ever', () => {
    expect(read(entry('1 month', { rollToWorkingDay: false }), [start('2030-05-01')])).toMatchObject({ due: '2030-06-01', provisional: false });
  });
  test('the fixed days of an unpublished year: 1–2 May and 1–3 October 2030', () => {
    expect(due('1 working day', '2030-04-30')).toBe('2030-05-03');
    // 1 October 2030 is a Tuesday.
    expect(due('1 working day', '2030-09-30')).toBe('2030-10-04');
  });
});

describe('office hours 09:00–12:00 and 13:00–18:00 of working days', () => {
  const ends = (limit: string, from: string): string => {
    const { dueAt } = read(entry(limit), [start(from)]);
    return new Date((dueAt ?? 0) + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');
  };
  test('across the National Day week: 2 hours on Wednesday, 6 on Thursday of the week after', () => expect(ends('8 office hours', '2026-09-30 16:00')).toBe('2026-10-08 16:00'));
  test('the midday break does not count', () => expect(ends('2 office hours', '2026-03-10 11:00')).toBe('2026-03-10 14:00'));
  test('an end at noon is at noon, not after the break', () => expect(ends('1 office hour', '2026-03-10 11:00')).toBe('2026-03-10 12:00'));
  test('an end at closing time is on that day', () => expect(ends('2 office hours', '2026-03-10 16:00')).toBe('2026-03-10 18:00'));
  test('begun after closing: from the next morning', () => expect(ends('1 office hour', '2026-03-10 19:30')).toBe('2026-03-11 10:00'));
  test('begun before opening: from opening', () => expect(ends('1 office hour', '2026-03-10 06:00')).toBe('2026-03-10 10:00'));
  test('a worked Saturday has office hours', () => expect(ends('4 office hours', '2026-05-08 17:00')).toBe('2026-05-09 12:00'));
  test('begun on a Sunday', () => expect(ends('8 office hours', '2026-03-08 10:00')).toBe('2026-03-09 18:00'));
});

describe('another jurisdiction is a file: the bank holidays of England and Wales', () => {
  test('Good Friday and Easter Monday 2026 do not count', () => expect(due('1 working day', '2026-04-02', 'gb-eaw')).toBe('2026-04-07'));
  test('Boxing Day 2026, a Saturday, is taken on Monday 28 December', () => expect(due('2 working days', '2026-12-24', 'gb-eaw')).toBe('2026-12-30'));
  test('the Platinum Jubilee of 2022', () => expect(due('1 working day', '2022-06-01', 'gb-eaw')).toBe('2022-06-06'));
  test('China works on Good Friday 2026, and England on 1 October', () => {
    expect(due('1 working day', '2026-04-02', 'cn')).toBe('2026-04-03');
    expect(due('1 working day', '2026-09-30', 'gb-eaw')).toBe('2026-10-01');
  });
  test('the last day ends at midnight in London, in summer at 23:00 UTC', () => {
    expect(read(entry('1 working day'), [start('2026-06-10')], { jurisdiction: 'gb-eaw' })).toMatchObject({ due: '2026-06-11', dueAt: Date.parse('2026-06-11T23:00:00Z') });
    expect(read(entry('1 working day'), [start('2026-01-14')], { jurisdiction: 'gb-eaw' })).toMatchObject({ due: '2026-01-15', dueAt: Date.parse('2026-01-16T00:00:00Z') });
  });
  test('office hours over the night the clocks go forward (29 March 2026): one hour less on the wall, none less in the office', () => {
    const { dueAt } = read(entry('2 office hours'), [{ kind: 'start', at: Date.parse('2026-03-27T16:00:00Z'), trigger: 'receipt' }], { jurisdiction: 'gb-eaw' });
    expect(new Date(dueAt ?? 0).toISOString()).toBe('2026-03-30T09:00:00.000Z');
  });
});
