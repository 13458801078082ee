/** What a citizen is told, word by word, and the list of days behind it: each counted or not, why, and by which notice. Worked out by hand. */
import { explainClock, type ClockEvent, type ClockExplanation, type ClockSpec } from '../../domain/clock';
import { parseLimit } from '../../domain/limit';
import { entry, exclude, extend, lawOf, pause, resume, shipped, shippedSpec, spec, start, stop } from './world';

const rule = entry('5 working days', {
  title: { zh: '办理期限', en: 'handling' }, trigger: { zh: '受理', en: 'acceptance' },
  pauseGrounds: [{ key: 'materials', title: { zh: '补充材料', en: 'further material' } }],
  extension: { max: { amount: 5, unit: 'working-day' }, times: 1, approverRole: 'leader' }, cap: { amount: 8, unit: 'working-day' },
  article: { zh: '应当在五个工作日内办结。', en: 'It is concluded within five working days.', source: '试行办法第一条' },
});
const law = lawOf(rule);
const explain = (events: readonly ClockEvent[], more: Partial<ClockSpec> = {}): ClockExplanation => explainClock(spec(events, more), law);
const of = (limit: string): Partial<ClockSpec> => ({ override: parseLimit(limit) });
const cites = '依据：试行办法第一条：“应当在五个工作日内办结。”';
const citesEn = 'Rule: 试行办法第一条: “It is concluded within five working days.” Calendar: China.';

/** `2026-05-09 4 劳动节调休上班 make-up workday for Labour Day 〔2025〕7`: the day, its running number or -, the reason in both languages, the notice. */
const daysOf = ({ days }: ClockExplanation): string[] => days.map((day) =>
  [day.date, day.number ?? '-', day.reason.zh, day.reason.en, ...(day.notice === null ? [] : [/〔\d+〕\d+/.exec(day.notice.number)?.[0] ?? day.notice.number]), ...(day.provisional ? ['provisional'] : [])].join(' '));

test('a make-up Saturday counts: 5 working days across Labour Day 2026', () => {
  const explanation = explain([start('2026-04-30')]);
  expect(explanation.sentence).toEqual({
    zh: `办理期限5个工作日，自2026年4月30日（受理）起算，当日不计入。期间6天不计入（劳动节5天、周末1天）。最后一日为2026年5月11日。${cites}`,
    en: `Handling: 5 working days from 30 April 2026 (acceptance); that day itself is not counted. 6 days are not counted on the way (Labour Day 5, weekend 1). The last day is 11 May 2026. ${citesEn}`,
  });
  expect(daysOf(explanation)).toEqual([
    '2026-04-30 - 事件发生当日，不计入 day of the event, not counted',
    '2026-05-01 - 劳动节 Labour Day 〔2025〕7', '2026-05-02 - 劳动节 Labour Day 〔2025〕7', '2026-05-03 - 劳动节 Labour Day 〔2025〕7',
    '2026-05-04 - 劳动节 Labour Day 〔2025〕7', '2026-05-05 - 劳动节 Labour Day 〔2025〕7',
    '2026-05-06 1 工作日 working day', '2026-05-07 2 工作日 working day', '2026-05-08 3 工作日 working day',
    '2026-05-09 4 劳动节调休上班 make-up workday for Labour Day 〔2025〕7',
    '2026-05-10 - 周末 weekend',
    '2026-05-11 5 工作日 working day',
  ]);
  expect(explanation.days.map((day) => day.why)).toEqual(['event-day', 'holiday', 'holiday', 'holiday', 'holiday', 'holiday', 'counted', 'counted', 'counted', 'counted', 'weekend', 'counted']);
  expect(explanation.days[9]?.notice).toEqual({ number: '国办发明电〔2025〕7号', issued: '2025-11-04', source: expect.stringMatching(/^https:\/\/www\.gov\.cn\//) as string });
});

test('a pause, with its ground: paused on Monday, resumed on Wednesday before the National Day week', () => {
  const explanation = explain([start('2026-09-24'), pause('2026-09-28'), resume('2026-09-30')]);
  expect(explanation.sentence).toEqual({
    zh: `办理期限5个工作日，自2026年9月24日（受理）起算，当日不计入。2026年9月28日中止（补充材料），2026年9月30日恢复。期间13天不计入（中秋节3天、补充材料2天、国庆节7天、周末1天）。最后一日为2026年10月12日。${cites}`,
    en: `Handling: 5 working days from 24 September 2026 (acceptance); that day itself is not counted. Paused on 28 September 2026 (further material) and resumed on 30 September 2026. 13 days are not counted on the way (Mid-autumn Festival 3, further material 2, National Day 7, weekend 1). The last day is 12 October 2026. ${citesEn}`,
  });
  expect(daysOf(explanation).slice(4, 8)).toEqual([
    '2026-09-28 - 补充材料 further material', '2026-09-29 - 补充材料 further material', '2026-09-30 1 工作日 working day', '2026-10-01 - 国庆节 National Day 〔2025〕7',
  ]);
  expect(explanation.happenings).toEqual([
    { date: '2026-09-24', kind: 'start', text: { zh: '起算：受理', en: 'begins: acceptance' } },
    { date: '2026-09-28', kind: 'pause', text: { zh: '中止：补充材料', en: 'paused: further material' } },
    { date: '2026-09-30', kind: 'resume', text: { zh: '恢复计算', en: 'resumed' } },
  ]);
});

test('while it rests there is no last day, and it says so', () => {
  const explanation = explain([start('2026-09-24'), pause('2026-09-28')]);
  expect(explanation.due).toBeNull();
  expect(explanation.sentence).toEqual({
    zh: `办理期限5个工作日，自2026年9月24日（受理）起算，当日不计入。自2026年9月28日起中止（补充材料）。期间4天不计入（中秋节3天、补充材料1天）。中止期间没有到期日，恢复后继续计算。${cites}`,
    en: `Handling: 5 working days from 24 September 2026 (acceptance); that day itself is not counted. Paused since 28 September 2026 (further material). 4 days are not counted on the way (Mid-autumn Festival 3, further material 1). While it rests there is no due date; what remains runs on when it is resumed. ${citesEn}`,
  });
});

test('a hearing that does not count, an extension by whom, and the day it was done', () => {
  const explanation = explain([start('2026-03-09'), exclude('2026-03-10', '2026-03-11', '2026-03-12'), extend('2026-03-13', '2 working days'), stop('2026-03-17')]);
  expect(explanation.sentence).toEqual({
    zh: `办理期限5个工作日，自2026年3月9日（受理）起算，当日不计入。2026年3月11日至2026年3月12日不计入（听证）。经机关负责人批准延长2个工作日（complicated）。期间4天不计入（听证2天、周末2天）。最后一日为2026年3月20日。已于2026年3月17日办结。${cites}`,
    en: `Handling: 5 working days from 9 March 2026 (acceptance); that day itself is not counted. 11 March 2026 to 12 March 2026 are not counted (hearing). Extended by 2 working days (complicated), granted by: Head of the organ. 4 days are not counted on the way (hearing 2, weekend 2). The last day is 20 March 2026. Done on 17 March 2026. ${citesEn}`,
  });
  expect(daysOf(explanation)).toEqual([
    '2026-03-09 - 事件发生当日，不计入 day of the event, not counted', '2026-03-10 1 工作日 working day', '2026-03-11 - 听证 hearing', '2026-03-12 - 听证 hearing', '2026-03-13 2 工作日 working day',
    '2026-03-14 - 周末 weekend', '2026-03-15 - 周末 weekend', '2026-03-16 3 工作日 working day', '2026-03-17 4 工作日 working day', '2026-03-18 5 工作日 working day',
    '2026-03-19 6 工作日 working day', '2026-03-20 7 工作日 working day',
  ]);
});

test('an extension that the cap cuts short says the cap', () => {
  const explanation = explain([start('2026-03-09'), extend('2026-03-13', '5 working days')]);
  expect(explanation).toMatchObject({ due: '2026-03-19', capped: true });
  expect(explanation.sentence.zh).toContain('全部期限最长不超过8个工作日。最后一日为2026年3月19日。');
  expect(explanation.sentence.en).toContain('In all it may not be longer than 8 working days. The last day is 19 March 2026.');
});

test('into a year that is not published: provisional, in the sentence and on each day', () => {
  const explanation = explain([start('2030-04-30')], of('3 working days'));
  expect(explanation.sentence).toEqual({
    zh: `办理期限3个工作日，自2030年4月30日（受理）起算，当日不计入。期间4天不计入（劳动节2天、周末2天）。最后一日为2030年5月7日。所涉年度的放假安排尚未公布，该日期为暂定。${cites}`,
    en: `Handling: 3 working days from 30 April 2030 (acceptance); that day itself is not counted. 4 days are not counted on the way (Labour Day 2, weekend 2). The last day is 7 May 2030. The calendar of a year it rests on is not published yet, so that the date is provisional. ${citesEn}`,
  });
  // 30 April 2030 is a Tuesday; 1 and 2 May are holidays by the Measures themselves, so that no notice is cited.
  expect(daysOf(explanation)).toEqual([
    '2030-04-30 - 事件发生当日，不计入 day of the event, not counted provisional', '2030-05-01 - 劳动节 Labour Day provisional', '2030-05-02 - 劳动节 Labour Day provisional',
    '2030-05-03 1 工作日 working day provisional', '2030-05-04 - 周末 weekend provisional', '2030-05-05 - 周末 weekend provisional', '2030-05-06 2 工作日 working day provisional',
    '2030-05-07 3 工作日 working day provisional',
  ]);
});

test('days count holidays, and only the end moves off them', () => {
  const explanation = explain([start('2026-09-28')], of('5 days'));
  expect(explanation.sentence).toEqual({
    zh: `办理期限5日，自2026年9月28日（受理）起算，当日不计入。2026年10月3日为国庆节，顺延至其后第一个工作日，最后一日为2026年10月8日。${cites}`,
    en: `Handling: 5 days from 28 September 2026 (acceptance); that day itself is not counted. 3 October 2026 is a day of rest (National Day), so that the last day is the next working day, 8 October 2026. ${citesEn}`,
  });
  expect(daysOf(explanation).slice(5)).toEqual([
    '2026-10-03 5 国庆节 National Day 〔2025〕7',
    ...['04', '05', '06', '07'].map((day) => `2026-10-${day} - 国庆节，期满日为休息日，顺延 National Day: the limit ended on a day of rest and moves on 〔2025〕7`),
    '2026-10-08 - 工作日，期满顺延后的最后一日 working day: last day, after the days of rest',
  ]);
});

test('before the first year on file: provisional, and not because it is still to be published', () => {
  const { sentence } = explain([start('2003-12-30')], of('3 working days'));
  expect(sentence.zh).toContain('最后一日为2004年1月5日。所涉年度的放假安排未收录，该日期为暂定。');
  expect(sentence.en).toContain('The last day is 5 January 2004. The calendar of a year it rests on is not on file, so that the date is provisional.');
});

test('a hearing before the clock was begun anew took no part in the date, and is not told; one on the day it ends is', () => {
  const events = [start('2026-03-02'), exclude('2026-03-03', '2026-03-04', '2026-03-05'), { kind: 'restart', at: Date.parse('2026-03-09T10:00:00+08:00'), ground: 'new facts' } as const];
  expect(explain(events).sentence.zh).toContain('自2026年3月9日（重新起算：new facts）起算，当日不计入。期间2天不计入（周末2天）。最后一日为2026年3月16日。');
  expect(explain([...events, exclude('2026-03-10', '2026-03-16', '2026-03-16')]).sentence.zh).toContain('起算，当日不计入。2026年3月16日至2026年3月16日不计入（听证）。');
});

test('a hearing after the last day did not move it, and is not told', () => {
  const { sentence } = explain([start('2026-03-09'), exclude('2026-03-18', '2026-03-17', '2026-03-18')]);
  expect(sentence.zh).toContain('当日不计入。期间2天不计入（周末2天）。最后一日为2026年3月16日。');
  expect(sentence.en).not.toContain('hearing');
});

test('office hours end at a time of day; the hours counted so far stand beside each day', () => {
  const explanation = explain([start('2026-09-30 16:00')], of('4 office hours'));
  expect(explanation.sentence).toEqual({
    zh: `办理期限4个工作小时，自2026年9月30日16:00（受理）起算。期间7天不计入（国庆节7天）。于2026年10月8日11:00届满。${cites}`,
    en: `Handling: 4 office hours from 30 September 2026 at 16:00 (acceptance). 7 days are not counted on the way (National Day 7). It ends on 8 October 2026 at 11:00. ${citesEn}`,
  });
  expect([daysOf(explanation)[0], daysOf(explanation).at(-1)]).toEqual(['2026-09-30 2 工作日 working day', '2026-10-08 4 工作日 working day']);
});

test('hours rest to the minute, and say so', () => {
  // 10:00–11:30 and 15:45–18:00 on 9 March; 9–12 and 13:00–14:15 on 10 March.
  const { sentence } = explain([start('2026-03-09 10:00'), pause('2026-03-09 11:30'), resume('2026-03-09 15:45')], of('8 office hours'));
  expect(sentence.zh).toBe(`办理期限8个工作小时，自2026年3月9日10:00（受理）起算。2026年3月9日11:30中止（补充材料），2026年3月9日15:45恢复。于2026年3月10日14:15届满。${cites}`);
  expect(sentence.en).toContain('Paused on 9 March 2026 at 11:30 (further material) and resumed on 9 March 2026 at 15:45. It ends on 10 March 2026 at 14:15.');
});

test('by the calendar of England and Wales', () => {
  const explanation = explain([start('2026-12-24')], { jurisdiction: 'gb-eaw', ...of('2 working days') });
  expect(explanation.sentence.zh).toBe(`办理期限2个工作日，自2026年12月24日（受理）起算，当日不计入。期间4天不计入（圣诞节1天、周末2天、节礼日1天）。最后一日为2026年12月30日。${cites}`);
  expect(explanation.sentence.en).toContain('4 days are not counted on the way (Christmas Day 1, weekend 2, Boxing Day 1). The last day is 30 December 2026.');
  expect(explanation.sentence.en).toMatch(/Calendar: England and Wales\.$/);
});

test('before the start it says from what it will run', () => {
  expect(explain([]).sentence).toEqual({ zh: '办理期限5个工作日，尚未起算：自受理起算。', en: 'Handling: 5 working days, not begun yet; it runs from: acceptance.' });
  expect(explain([]).days).toEqual([]);
});

test('a recalculation is told with its ground', () => {
  const recalculated: ClockEvent = { kind: 'recalculation', at: Date.parse('2026-04-29T09:00:00+08:00'), policyVersion: 'policy-1', calendarVersion: 'calendar-1', ground: 'calendar-published' };
  const { happenings } = explain([start('2026-04-28'), recalculated]);
  expect(happenings[1]).toMatchObject({ date: '2026-04-29', kind: 'recalculation' });
  expect(happenings[1]?.text.zh).toContain('新公布的放假安排');
  expect(happenings[1]?.text.en).toContain('a newly published calendar');
});

test('a shipped limit cites its article as enacted', () => {
  const { sentence, article } = explainClock(shippedSpec('complaint.handle', [start('2026-03-02')]), shipped);
  expect(article.source).toBe('信访工作条例（2022年）第三十四条');
  expect(sentence.zh).toContain('自受理之日起60日内办结；情况复杂的，经本机关、单位负责人批准，可以适当延长办理期限，但延长期限不得超过30日');
  expect(sentence.en).toContain('the last day is the next working day, 6 May 2026');
});
