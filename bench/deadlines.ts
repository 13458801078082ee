/**
 * How many deadlines in working days a second: the calendar of this product, chinese-days, and date-fns given the same holidays,
 * doing the same job in the same run. Run it with `npm run bench`; what it prints are ratios, because only they travel between machines.
 */
import { findWorkday } from 'chinese-days';
import { addBusinessDays, addDays, format, isWeekend } from 'date-fns';
import { civilDate, fromDayNumber, toDayNumber, type CivilDate } from '../domain/civil-date';
import { advance, NOTHING_EXCLUDED } from '../domain/clock/count';
import { deadline } from '../domain/clock/deadline';
import { loadLaw } from '../policy/load';

const LENGTHS = [1, 5, 10, 20, 60, 120, 250];
const MEASURE_MS = 400;
/** Start days over three published years, so that no contender can answer from a cache of one. */
const FIRST = toDayNumber(civilDate('2022-01-01'));
const STARTS: readonly CivilDate[] = Array.from({ length: 1_000 }, (_, index) => fromDayNumber(FIRST + index));

/** A contender: the working day `amount` after a date, both as `YYYY-MM-DD`. */
type Contender = (from: CivilDate, amount: number) => string;

const law = loadLaw();
const calendar = law.calendar('cn', law.current.calendarVersion);

/** date-fns knows weekends only; what China adds and takes away is corrected the way its users do, day by day. */
const differs = new Map<string, boolean>();
for (let day = FIRST; day <= toDayNumber(civilDate('2026-12-31')); day += 1) {
  const worked = calendar.isWorkingDay(day);
  const date = fromDayNumber(day);
  if (worked === isWeekend(new Date(`${date}T00:00:00`))) differs.set(date, worked);
}

const contenders: Readonly<Record<string, Contender>> = {
  calendar: (from, amount) => calendar.dateOf(advance(calendar, { day: toDayNumber(from), instant: 0 }, { amount, unit: 'working-day' }, NOTHING_EXCLUDED)?.day ?? 0),
  deadline: (from, amount) => deadline({ from, limit: { amount, unit: 'working-day' } }, law).due,
  'chinese-days': (from, amount) => findWorkday(amount, from),
  'date-fns': (from, amount) => {
    let day = new Date(`${from}T00:00:00`);
    let left = amount;
    while (left > 0) {
      day = addDays(day, 1);
      if (differs.get(format(day, 'yyyy-MM-dd')) ?? !isWeekend(day)) left -= 1;
    }
    return format(day, 'yyyy-MM-dd');
  },
};

/** Deadlines a second over whole passes of small batches, after a warm-up. */
function rateOf(contender: Contender, amount: number): number {
  let done = 0;
  let index = 0;
  const batch = (size: number): void => {
    for (let each = 0; each < size; each += 1) {
      contender(STARTS[index] ?? STARTS[0] as CivilDate, amount);
      index = (index + 1) % STARTS.length;
    }
  };
  // Long enough for the compiler to be done with it; the first length would else be measured cold.
  for (const until = process.hrtime.bigint() + 150_000_000n; process.hrtime.bigint() < until;) batch(10);
  const began = process.hrtime.bigint();
  let elapsed = 0;
  for (let size = 1; elapsed < MEASURE_MS; size = Math.min(size * 2, 1_000)) {
    batch(size);
    done += size;
    elapsed = Number(process.hrtime.bigint() - began) / 1e6;
  }
  return (done / elapsed) * 1_000;
}

/** All contenders must come to the same date, else a ratio means nothing. @throws Error naming the case */
function agree(): void {
  for (const from of STARTS.slice(0, 200)) {
    for (const amount of LENGTHS) {
      const dates = Object.entries(contenders).map(([name, contender]) => [name, contender(from, amount)] as const);
      if (new Set(dates.map(([, date]) => date)).size > 1) throw new Error(`${amount} working days from ${from}: ${dates.map((each) => each.join(' ')).join(', ')}`);
    }
  }
}

const figure = (value: number): string => Math.round(value).toLocaleString('en');
const row = (cells: readonly string[]): void => console.log(cells.map((cell) => cell.padStart(16)).join(''));

agree();
row(['working days', 'calendar /s', 'deadline() /s', 'chinese-days /s', 'date-fns /s', '× chinese-days', '× date-fns', 'bare × c-d', 'bare × d-f']);
for (const amount of LENGTHS) {
  const [bare = 0, whole = 0, chineseDays = 0, dateFns = 0] = Object.values(contenders).map((contender) => rateOf(contender, amount));
  row([String(amount), ...[bare, whole, chineseDays, dateFns].map(figure), ...[whole / chineseDays, whole / dateFns, bare / chineseDays, bare / dateFns].map(figure)]);
}
// Weekends only, without a single holiday: not the same job, shown because it is what people reach for first.
row(['weekends only', 'addBusinessDays', figure(rateOf((from, amount) => format(addBusinessDays(new Date(`${from}T00:00:00`), amount), 'yyyy-MM-dd'), 250))]);
