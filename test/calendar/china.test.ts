/** The calendar of China against chinese-days, day by day, and against the notices. */
import { isWorkday } from 'chinese-days';
import { fromDayNumber, toDayNumber, civilDate } from '../../domain/civil-date';
import { shipped } from '../clock/world';

const cn = shipped.calendar('cn', shipped.current.calendarVersion);
const day = (date: string): number => toDayNumber(civilDate(date));
const years = cn.data.years.map((year) => year.year);

/** Days on which the two differ, each with what the notice says. The file follows the notice. */
const JUSTIFIED: Readonly<Record<string, string>> = {
  '2005-12-31': '国办发明电〔2005〕35号：将12月31日（星期六）、1月1日（星期日）两个公休日调至1月2日（星期一）、3日（星期二），12月31日（星期六）上班。',
};

test.each(years)('every day of %i is worked or not as chinese-days has it', (year) => {
  const differ: string[] = [];
  for (let each = day(`${year}-01-01`); each <= day(`${year}-12-31`); each += 1) {
    const date = fromDayNumber(each);
    if (cn.isWorkingDay(each) !== isWorkday(date)) differ.push(date);
  }
  expect(differ).toEqual(Object.keys(JUSTIFIED).filter((date) => date.startsWith(String(year))));
});

test('every year from 2004 cites the notice of the State Council it rests on, issued before the days it moves', () => {
  expect(years[0]).toBe(2004);
  for (const year of cn.data.years) {
    const [first] = year.notices;
    expect(first?.number).toMatch(/^国办发明电〔20\d\d〕\d+号$|^国办发/);
    expect(Number(first?.issued.slice(0, 4))).toBeGreaterThanOrEqual(year.year - 1);
    expect(first !== undefined && first.issued < `${year.year}-01-01`).toBe(true);
    for (const notice of year.notices) expect(notice.source).toMatch(/^https?:\/\//);
  }
});

test('no two years rest on the same notice', () => {
  const numbers = cn.data.years.flatMap((year) => year.notices.map((notice) => notice.number));
  expect(new Set(numbers).size).toBe(numbers.length);
});

test('a named day says its holiday, its notice and whether it is worked', () => {
  expect(cn.natureOf(day('2026-10-10'))).toMatchObject({ working: true, kind: 'make-up-workday', name: { zh: '国庆节调休上班' }, notice: { number: '国办发明电〔2025〕7号' } });
  expect(cn.natureOf(day('2026-09-25'))).toMatchObject({ working: false, kind: 'holiday', name: { zh: '中秋节', en: 'Mid-autumn Festival' }, provisional: false });
  expect(cn.natureOf(day('2026-09-28'))).toMatchObject({ working: true, kind: 'working-day', provisional: false });
  expect(cn.natureOf(day('2026-10-11'))).toMatchObject({ working: false, kind: 'weekend' });
});

test('the statutory days themselves are never worked: 全国年节及纪念日放假办法第二条', () => {
  for (const year of years) {
    for (const date of [`${year}-01-01`, `${year}-05-01`, `${year}-10-01`, `${year}-10-02`, `${year}-10-03`]) expect(cn.natureOf(day(date)).kind).toBe('holiday');
    if (year >= 2025) expect(cn.natureOf(day(`${year}-05-02`)).kind).toBe('holiday');
  }
});

test('of an unpublished year only the fixed days are known, and each is provisional', () => {
  const last = years.at(-1) ?? 0;
  const holidays = [];
  for (let each = day(`${last + 1}-01-01`); each <= day(`${last + 1}-12-31`); each += 1) {
    const nature = cn.natureOf(each);
    expect(nature.provisional).toBe(true);
    if (nature.kind === 'holiday') holidays.push(fromDayNumber(each).slice(5));
    expect(nature.kind).not.toBe('make-up-workday');
  }
  expect(holidays).toEqual(['01-01', '05-01', '05-02', '10-01', '10-02', '10-03']);
});

test('rank and select are inverse over the whole century', () => {
  const wrong: string[] = [];
  let before = 0;
  for (let each = day('2000-01-01'); each <= day('2099-12-31'); each += 1) {
    const rank = cn.rank(each);
    const sound = cn.isWorkingDay(each) ? rank === before + 1 && cn.select(rank) === each : rank === before;
    if (!sound) wrong.push(fromDayNumber(each));
    before = rank;
  }
  expect(wrong).toEqual([]);
});
