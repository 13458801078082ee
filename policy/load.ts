/** The law in force, read from the JSON files of policy/ and of the city's own directory (`POLICY_DIR`), which comes first. */
import path from 'node:path';
import { z } from 'zod';
import { CalendarData, CalendarYear, withYear } from '../domain/calendar/data';
import { addDays, type CivilDate } from '../domain/civil-date';
import { lawFromVersions, PolicyLimit, type Law, type LawArchive } from '../domain/clock/law';
import { BadPolicy, jsonFilesOf, ownPolicyDir, placeOf, readJson, shortName } from './files';
import { calendarSet, policySet } from './version';

/** A newly published year, as a city loads it: the jurisdiction and the year's entry. */
export const PublishedYear = CalendarYear.unwrap().extend({ jurisdiction: z.string().min(1) }).readonly();
export type PublishedYear = z.infer<typeof PublishedYear>;

/** The law with the content of its versions, so that the store can archive them. */
export type LoadedLaw = Law & { readonly archive: LawArchive };

export interface LoadOptions {
  /** The city's own entries and calendars: `limits/*.json` replace entries by id, `calendars/*.json` replace calendars or single years. */
  readonly policyDir?: string | undefined;
  /** Older versions kept by the store, to which running cases are pinned. */
  readonly history?: LawArchive | undefined;
}

/**
 * Reads, validates and versions the law. @throws BadPolicy naming file and field
 */
export function loadLaw({ policyDir, history }: LoadOptions = {}): LoadedLaw {
  const limits = policySet(loadLimits(policyDir));
  const calendars = calendarSet(loadCalendars(policyDir));
  const archive: LawArchive = {
    policies: [limits, ...(history?.policies ?? []).filter((set) => set.version !== limits.version)],
    calendars: [calendars, ...(history?.calendars ?? []).filter((set) => set.version !== calendars.version)],
  };
  return lawFromVersions(archive, { policyVersion: limits.version, calendarVersion: calendars.version });
}

/** The files of a city's directory that the law is read from, in order. */
export const policyFilesOf = (policyDir: string): string[] => ['limits', 'calendars'].flatMap((part) => jsonFilesOf(path.join(policyDir, part)));

/** An entry with the file it stands in, for messages. */
interface Placed { readonly entry: PolicyLimit; readonly file: string }

function loadLimits(policyDir: string | undefined): PolicyLimit[] {
  const own = readEntries(path.join(ownPolicyDir(), 'limits'));
  const city = policyDir === undefined ? [] : readEntries(path.join(policyDir, 'limits'));
  const replaced = new Set(city.map(({ entry }) => entry.id));
  const all = [...own.filter(({ entry }) => !replaced.has(entry.id)), ...city];
  const problems = [...all.flatMap(contradictions), ...validTogether(all), ...validNever(all)];
  if (problems.length > 0) throw new BadPolicy(problems);
  return all.map(({ entry }) => entry);
}

function readEntries(dir: string): Placed[] {
  return jsonFilesOf(dir).flatMap((file) => readJson(file, z.array(PolicyLimit)).map((entry) => ({ entry, file: shortName(file) })));
}

/** What a well-formed entry says against itself. */
function contradictions({ entry, file }: Placed): string[] {
  const problems: string[] = [];
  const say = (field: string, what: string): void => { problems.push(`${file}: ${entry.id}.${field}: ${what}`); };
  if (entry.validTo !== null && entry.validTo < entry.validFrom) say('validTo', `${entry.validTo} is before validFrom ${entry.validFrom}`);
  for (const [name, keys] of [['ladder', entry.ladder.map((rung) => rung.key)], ['pauseGrounds', entry.pauseGrounds.map((ground) => ground.key)]] as const) {
    const twice = keys.find((key, index) => keys.indexOf(key) !== index);
    if (twice !== undefined) say(name, `"${twice}" stands there twice`);
  }
  const { cap, limit } = entry;
  if (cap !== null && cap.unit === limit.unit && cap.amount < limit.amount) say('cap', `${cap.amount} is shorter than the limit itself, ${limit.amount}`);
  return problems;
}

/** One limit has one entry on any day. */
function validTogether(all: readonly Placed[]): string[] {
  return all.flatMap(({ entry, file }, index) => all.slice(index + 1)
    .filter((other) => other.entry.id === entry.id && overlaps(entry, other.entry))
    .map((other) => `${other.file}: ${entry.id}.validFrom: valid at once with the entry from ${entry.validFrom} in ${file}`));
}

/** Between its first and its last entry a limit has one on every day: what lies between two is a slip, and would be counted by the later one. */
function validNever(all: readonly Placed[]): string[] {
  const byStart = [...all].sort((a, b) => (a.entry.validFrom < b.entry.validFrom ? -1 : 1));
  return byStart.flatMap(({ entry: { id, validTo } }, index) => {
    const next = byStart.slice(index + 1).find((other) => other.entry.id === id);
    if (next === undefined || validTo === null) return [];
    const { validFrom } = next.entry;
    const after: CivilDate = addDays(validTo, 1);
    return after < validFrom ? [`${next.file}: ${id}.validFrom: no entry is valid from ${after} to ${addDays(validFrom, -1)}`] : [];
  });
}

function overlaps(a: PolicyLimit, b: PolicyLimit): boolean {
  return (a.validTo === null || b.validFrom <= a.validTo) && (b.validTo === null || a.validFrom <= b.validTo);
}

/** The calendars by jurisdiction, the city's in place of the product's. @throws BadPolicy */
export function loadCalendars(policyDir: string | undefined): CalendarData[] {
  const calendars = new Map<string, CalendarData>();
  for (const file of jsonFilesOf(path.join(ownPolicyDir(), 'calendars'))) {
    const data = readJson(file, CalendarData);
    calendars.set(data.jurisdiction, data);
  }
  if (policyDir === undefined) return [...calendars.values()];
  for (const file of jsonFilesOf(path.join(policyDir, 'calendars'))) {
    const read = readCalendar(file);
    calendars.set(read.jurisdiction, 'years' in read ? read : addYear(calendars, read, shortName(file)));
  }
  return [...calendars.values()];
}

const CalendarOrYear = z.custom<object>((value) => typeof value === 'object' && value !== null && ('years' in value || 'year' in value), {
  error: 'is neither a whole calendar (with "years") nor a single published year (with "year")',
});

/** A whole calendar or a single year of one. Which it is meant to be is told first, so that a wrong one is told by its field. @throws BadPolicy */
export function readCalendar(file: string): CalendarData | PublishedYear {
  return 'years' in readJson(file, CalendarOrYear) ? readJson(file, CalendarData) : readJson(file, PublishedYear);
}

/** The calendar of its jurisdiction with the year in it. @throws BadPolicy when there is none, or when the two contradict each other */
export function addYear(calendars: ReadonlyMap<string, CalendarData>, published: PublishedYear, file: string): CalendarData {
  const { jurisdiction, ...year } = published;
  const calendar = calendars.get(jurisdiction);
  if (calendar === undefined) throw new BadPolicy([`${file}: jurisdiction: "${jurisdiction}" has no calendar (known: ${[...calendars.keys()].join(', ')})`]);
  const whole = withYear(calendar, year);
  const result = CalendarData.safeParse(whole);
  if (result.success) return result.data;
  const place = whole.years.findIndex((each) => each.year === year.year);
  throw new BadPolicy(result.error.issues.map(({ path: [first, second, ...within], message }) =>
    // The file holds that year alone: its places are told as they stand there.
    `${file}: ${first === 'years' && second === place ? placeOf(within) : `${jurisdiction}.${placeOf([first, second, ...within].filter((key) => key !== undefined))}`}: ${message}`));
}
