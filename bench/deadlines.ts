/**
 * How many deadlines in working days a second: the calendar of this product, chinese-days, and date-fns given the same holidays,
 * doing the same job in the same run. Run it with `npm run bench`; what it prints are ratios, because only they travel between machines.
 */
import { findWorkday } from 'chinese-days';
import { addDays, format, isWeekend, parseISO } from 'date-fns';
import { civilDate, fromDayNumber, toDayNumber, type CivilDate } from '../domain/civil-date';
import { deadline } from '../domain/clock/deadline';
import { loadLaw } from '../policy/load';

const LENGTHS = [1, 2, 5, 10, 20, 60, 120, 250];
/** The contenders take turns, so that a machine that slows down slows them all; a ratio is taken within a turn, and the median of the turns counts. */
const TURNS = 9;
const TURN_MS = 60;
/** Start days over three published years, so that no contender can answer from a cache of one. */
const FIRST = toDayNumber(civilDate('2022-01-01'));
const STARTS: readonly CivilDate[] = Array.from({ length: 1_000 }, (_, index) => fromDayNumber(FIRST + index));
const START_NUMBERS = STARTS.map(toDayNumber);

const law = loadLaw();
const calendar = law.calendar('cn', law.current.calendarVersion);

/** date-fns knows weekends only; what China adds and takes away is corrected the way its users do, day by day, without writing a date until the end. */
const differs = new Map<number, boolean>();
for (let day = FIRST; day <= toDayNumber(civilDate('2026-12-31')); day += 1) {
  const worked = calendar.isWorkingDay(day);
  const date = parseISO(fromDayNumber(day));
  if (worked === isWeekend(date)) differs.set(date.getTime(), worked);
}

function withDateFns(from: string, amount: number): string {
  let day = parseISO(from);
  for (let left = amount; left > 0;) {
    day = addDays(day, 1);
    if (differs.get(day.getTime()) ?? !isWeekend(day)) left -= 1;
  }
  return format(day, 'yyyy-MM-dd');
}

/** One pass over all the start days; gives something of every answer, so that none can be left out. */
type Pass = (amount: number) => number;

/** The working day `amount` after a date, both as `YYYY-MM-DD`: the same job for the first four. */
const dates = {
  'text to text': (from: CivilDate, amount: number): string => calendar.dateOf(calendar.workingDayAfter(toDayNumber(from), amount)),
  'deadline()': (from: CivilDate, amount: number): string => deadline({ from, limit: { amount, unit: 'working-day' } }, law).due,
  'chinese-days': (from: CivilDate, amount: number): string => findWorkday(amount, from),
  'date-fns': (from: CivilDate, amount: number): string => withDateFns(from, amount),
};
type Name = keyof typeof dates | 'numbers';

/** Each its own loop, as a program that uses one library has. */
const passes: Readonly<Record<Name, Pass>> = {
  'text to text': (amount) => { let sum = 0; for (const from of STARTS) sum += dates['text to text'](from, amount).length; return sum; },
  'deadline()': (amount) => { let sum = 0; for (const from of STARTS) sum += dates['deadline()'](from, amount).length; return sum; },
  'chinese-days': (amount) => { let sum = 0; for (const from of STARTS) sum += dates['chinese-days'](from, amount).length; return sum; },
  'date-fns': (amount) => { let sum = 0; for (const from of STARTS) sum += dates['date-fns'](from, amount).length; return sum; },
  numbers: (amount) => { let sum = 0; for (const from of START_NUMBERS) sum += calendar.workingDayAfter(from, amount); return sum; },
};
const NAMES = Object.keys(passes) as Name[];
let sink = 0;

/** Deadlines a second of processor time over whole passes: what other programs take meanwhile does not count. */
function rateOf(pass: Pass, amount: number, milliseconds: number): number {
  const began = process.hrtime.bigint();
  const spent = process.cpuUsage();
  let done = 0;
  let elapsed = 0;
  while (elapsed < milliseconds) {
    sink += pass(amount);
    done += STARTS.length;
    elapsed = Number(process.hrtime.bigint() - began) / 1e6;
  }
  const { user, system } = process.cpuUsage(spent);
  return (done / (user + system)) * 1_000_000;
}

/** All contenders must come to the same date, else a ratio means nothing. @throws Error naming the case */
function agree(): void {
  for (const from of STARTS.slice(0, 200)) {
    for (const amount of LENGTHS) {
      const found = Object.entries(dates).map(([name, contender]) => [name, contender(from, amount)] as const);
      if (new Set(found.map(([, date]) => date)).size > 1) throw new Error(`${amount} working days from ${from}: ${found.map((each) => each.join(' ')).join(', ')}`);
    }
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

const figure = (value: number): string => Math.round(value).toLocaleString('en');
const row = (cells: readonly string[]): void => console.log(cells.map((cell) => cell.padStart(15)).join(''));

agree();
// Long enough for the compiler to be done with all of them; the first length would else be measured cold.
for (const name of NAMES) rateOf(passes[name], 3, 300);
row(['', ...NAMES.map((name) => name), 'text × c-d', 'text × d-f', 'deadline × c-d', 'deadline × d-f']);
row(['working days', ...NAMES.map(() => 'a second')]);
for (const amount of LENGTHS) {
  const turns = Array.from({ length: TURNS }, () => Object.fromEntries(NAMES.map((name) => [name, rateOf(passes[name], amount, TURN_MS)])) as Record<Name, number>);
  const ratio = (fast: Name, slow: Name): string => figure(median(turns.map((turn) => turn[fast] / turn[slow])));
  row([
    String(amount), ...NAMES.map((name) => figure(median(turns.map((turn) => turn[name])))),
    ratio('text to text', 'chinese-days'), ratio('text to text', 'date-fns'), ratio('deadline()', 'chinese-days'), ratio('deadline()', 'date-fns'),
  ]);
}
if (sink === 0) throw new Error('nothing was computed');
