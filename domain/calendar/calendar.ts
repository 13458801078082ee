/**
 * A calendar made ready for counting: for every day of a century the number of working days up to it (rank), and for
 * every working day its date (select). A limit of any length is then two look-ups, never a walk from day to day.
 */
import { DAY_MS, dayNumberOf, daysInMonth, fromDayNumber, toDayNumber, type CivilDate } from '../civil-date';
import { text, type Text } from '../text';
import type { CalendarData, Notice } from './data';
import { instantAt, wallClockAt } from './zone';

const FIRST_YEAR = 2000;
const LAST_YEAR = 2099;
const FIRST = dayNumberOf(FIRST_YEAR, 1, 1);
const LAST = dayNumberOf(LAST_YEAR, 12, 31);
/** The days that `YYYY-MM-DD` can be written for. */
const WRITABLE = { from: dayNumberOf(0, 1, 1), to: dayNumberOf(9999, 12, 31) };

/** Thrown when a date or a limit runs out of the century the tables hold (2000–2099). */
export class OutsideCalendar extends Error {
  override readonly name = 'OutsideCalendar';
  constructor(readonly jurisdiction: string, readonly place: string) {
    super(`calendar ${jurisdiction} reaches from ${FIRST_YEAR} to ${LAST_YEAR}: ${place} lies outside`);
  }
}

/** Why a day is a working day or not. `notice` is there where a publication says so. */
export interface DayNature {
  readonly working: boolean;
  readonly kind: 'working-day' | 'weekend' | 'holiday' | 'make-up-workday';
  readonly name: Text;
  readonly notice?: Notice;
  /** The year is not published yet: only weekends and the fixed-date holidays are known. */
  readonly provisional: boolean;
}

/** Days are numbers (days since 1970-01-01), instants are milliseconds since the epoch. */
export class Calendar {
  readonly jurisdiction: string;
  /** Working days in (start of tables, day], by day. */
  private readonly ranks: Int32Array;
  /** The n-th working day of the tables. */
  private readonly selected: Int32Array;
  /** Made at full length: an array that is filled from its middle becomes a table of hashes. */
  private readonly dates = new Array<CivilDate | undefined>(LAST - FIRST + 1);
  private readonly named = new Map<number, DayNature>();
  /** First and last day about which a notice has been published. */
  readonly publishedFrom: number;
  readonly publishedTo: number;
  private readonly office: readonly { readonly from: number; readonly to: number }[];
  private readonly officePerDay: number;
  /** How many ms the days begin before those of UTC, where the zone has no summer time. */
  private readonly ahead: number | null;

  constructor(readonly data: CalendarData, readonly version: string) {
    this.jurisdiction = data.jurisdiction;
    this.publishedFrom = dayNumberOf(data.years[0]?.year ?? FIRST_YEAR, 1, 1);
    this.publishedTo = dayNumberOf(data.years.at(-1)?.year ?? FIRST_YEAR, 12, 31);
    this.office = data.officeHours.map((span) => ({ from: msOfDay(span.from), to: msOfDay(span.to) }));
    this.officePerDay = this.office.reduce((sum, span) => sum + span.to - span.from, 0);
    this.ahead = data.zone.summer === undefined ? data.zone.offsetMinutes * 60_000 : null;
    this.nameDays();
    const rest = new Set(data.weekend);
    this.ranks = new Int32Array(LAST - FIRST + 1);
    const selected: number[] = [];
    for (let day = FIRST; day <= LAST; day += 1) {
      if (this.named.get(day)?.working ?? !rest.has((day + 4) % 7)) selected.push(day);
      this.ranks[day - FIRST] = selected.length;
    }
    this.selected = Int32Array.from(selected);
  }

  /** Working days from the start of the tables up to and including the day. @throws OutsideCalendar */
  rank(day: number): number {
    const rank = this.ranks[day - FIRST];
    if (rank === undefined) throw this.outside(day);
    return rank;
  }

  /** The day with this rank that is a working day. @throws OutsideCalendar */
  select(rank: number): number {
    const day = this.selected[rank - 1];
    if (day === undefined) throw new OutsideCalendar(this.jurisdiction, `working day number ${rank} of the tables`);
    return day;
  }

  /**
   * The working day so many working days after a day (numbers in, number out): one look-up forth and one back, however many they are.
   * @throws OutsideCalendar
   */
  workingDayAfter(day: number, amount: number): number {
    return this.select(this.rank(day) + amount);
  }

  isWorkingDay(day: number): boolean {
    return this.rank(day) > (day === FIRST ? 0 : this.rank(day - 1));
  }

  /** Whether notices for all the years from one day to another (the same, if none is given) have been published. */
  isPublished(day: number, to = day): boolean {
    return day >= this.publishedFrom && to <= this.publishedTo;
  }

  /** What a day is and which notice says so. */
  natureOf(day: number): DayNature {
    const provisional = !this.isPublished(day);
    const named = this.named.get(day);
    if (named !== undefined) return named;
    return this.isWorkingDay(day)
      ? { working: true, kind: 'working-day', name: text('工作日', 'working day'), provisional }
      : { working: false, kind: 'weekend', name: text('周末', 'weekend'), provisional };
  }

  /** `YYYY-MM-DD` of a day; kept, because building the text costs more than finding the day. @throws OutsideCalendar */
  dateOf(day: number): CivilDate {
    if (!(day >= FIRST && day <= LAST)) throw this.outside(day);
    return (this.dates[day - FIRST] ??= fromDayNumber(day));
  }

  /** The first instant of a day. */
  startOf(day: number): number {
    return this.ahead === null ? instantAt(this.data.zone, day, 0) : day * DAY_MS - this.ahead;
  }

  /** The day on which an instant falls in the zone of the jurisdiction. */
  dayAt(instant: number): number {
    return wallClockAt(this.data.zone, instant).day;
  }

  /** Milliseconds of office time from the start of the tables up to an instant. */
  officeRank(instant: number): number {
    const { day, msOfDay: into } = wallClockAt(this.data.zone, instant);
    const today = this.isWorkingDay(day) ? this.office.reduce((sum, span) => sum + Math.min(Math.max(into - span.from, 0), span.to - span.from), 0) : 0;
    return (this.rank(day) - (this.isWorkingDay(day) ? 1 : 0)) * this.officePerDay + today;
  }

  /** The first instant by which so many milliseconds of office time have passed. */
  officeSelect(office: number): number {
    const whole = Math.ceil(office / this.officePerDay);
    const day = this.select(whole);
    let left = office - (whole - 1) * this.officePerDay;
    for (const span of this.office) {
      if (left <= span.to - span.from) return instantAt(this.data.zone, day, span.from + left);
      left -= span.to - span.from;
    }
    throw new OutsideCalendar(this.jurisdiction, 'the office hour');
  }

  /** A limit, or an instant, can reach days that no date can be written for. */
  private outside(day: number): OutsideCalendar {
    return new OutsideCalendar(this.jurisdiction, day >= WRITABLE.from && day <= WRITABLE.to ? fromDayNumber(day) : 'the date');
  }

  private nameDays(): void {
    for (const year of this.data.years) {
      for (const holiday of year.holidays) {
        const name = this.nameOf(holiday.name);
        const notice = year.notices[holiday.notice ?? 0];
        const cited = notice === undefined ? {} : { notice };
        for (let day = toDayNumber(holiday.from); day <= toDayNumber(holiday.to); day += 1) {
          this.named.set(day, { working: false, kind: 'holiday', name, ...cited, provisional: false });
        }
        for (const date of holiday.work ?? []) {
          const title = text(`${name.zh}调休上班`, `make-up workday for ${name.en}`);
          this.named.set(toDayNumber(date), { working: true, kind: 'make-up-workday', name: title, ...cited, provisional: false });
        }
      }
    }
    for (let year = FIRST_YEAR; year <= LAST_YEAR; year += 1) {
      for (const fixed of this.data.fixed.days) {
        if (fixed.day > daysInMonth(year, fixed.month)) continue;
        const day = dayNumberOf(year, fixed.month, fixed.day);
        if (this.isPublished(day) || this.named.has(day)) continue;
        this.named.set(day, { working: false, kind: 'holiday', name: this.nameOf(fixed.name), provisional: true });
      }
    }
  }

  private nameOf(key: string): Text {
    return this.data.names[key] ?? text(key, key);
  }
}

function msOfDay(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return (Number(hours) * 60 + Number(minutes)) * 60_000;
}
