import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { canonicalJson } from '../crypto/canonical-json';
import { sha256 } from '../crypto/hash';
import { CalendarData } from '../domain/calendar/data';
import { lawFromVersions, PolicyLimit, PolicyRung, type CalendarSet, type Law, type LawArchive, type PolicySet } from '../domain/clock';

/** The law that comes with the product: limits, ladders and calendars, resolved from source and from the build alike. */
const builtIn = [path.resolve(__dirname), path.resolve(__dirname, '../../policy')].find((folder) => existsSync(path.join(folder, 'limits'))) ?? __dirname;

/** Thrown when a file of the law cannot be used; names every file and field that is wrong. */
export class BadPolicy extends Error {
  override readonly name = 'BadPolicy';
  constructor(readonly problems: readonly string[]) {
    super(`The policy cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

const Ladders = z.record(z.string(), z.array(PolicyRung));
/** A limit as it lies in a file: its ladder may be the name of one in ladders.json. */
const LimitInFile = z.looseObject({ id: z.string(), validFrom: z.string().optional(), ladder: z.union([z.string(), z.array(z.unknown())]).optional() });

/** The law in force, with every version in `archive` that a case may be pinned to. */
export interface LoadedLaw extends Law {
  readonly archive: LawArchive;
}

/**
 * Reads the law: the product's own files, over them those of the city's directory (`limits/*.json`, `ladders.json`, `calendars/*.json`).
 * A city's entry replaces the product's entries of the same id; its calendar replaces the one of the same jurisdiction.
 * The version of each set is the SHA-256 of its content. `earlier` adds versions that were in force before, for cases pinned to them.
 * @throws BadPolicy naming file and field
 */
export function loadLaw(options: { readonly policyDir?: string; readonly earlier?: LawArchive } = {}): LoadedLaw {
  const problems: string[] = [];
  const folders = options.policyDir === undefined ? [builtIn] : [builtIn, options.policyDir];
  const limits = readLimits(folders, problems);
  const calendars = readCalendars(folders, problems);
  refuseOverlaps(limits, problems);
  if (problems.length > 0) throw new BadPolicy(problems);
  return lawOf(limits, calendars, options.earlier);
}

/** A law from its parts, versioned by content. */
export function lawOf(limits: readonly PolicyLimit[], calendars: readonly CalendarData[], earlier: LawArchive = { policies: [], calendars: [] }): LoadedLaw {
  const policy: PolicySet = { version: versionOf(limits), limits };
  const calendar: CalendarSet = { version: versionOf(calendars), calendars };
  return lawFromVersions(
    { policies: [...earlier.policies.filter((set) => set.version !== policy.version), policy], calendars: [...earlier.calendars.filter((set) => set.version !== calendar.version), calendar] },
    { policyVersion: policy.version, calendarVersion: calendar.version });
}

/** The version of a set of limits or calendars: SHA-256 of its canonical JSON, lower-case hexadecimal. */
export const versionOf = (content: readonly PolicyLimit[] | readonly CalendarData[]): string => sha256(canonicalJson(content));

function readLimits(folders: readonly string[], problems: string[]): PolicyLimit[] {
  const ladders = new Map<string, unknown>();
  const limits = new Map<string, PolicyLimit[]>();
  for (const folder of folders) {
    for (const [name, ladder] of Object.entries(readLadders(folder, problems))) ladders.set(name, ladder);
    const own = new Map<string, PolicyLimit[]>();
    for (const file of jsonFiles(path.join(folder, 'limits'))) {
      for (const limit of readLimitFile(file, ladders, problems)) own.set(limit.id, [...(own.get(limit.id) ?? []), limit]);
    }
    for (const [id, entries] of own) limits.set(id, entries);
  }
  return [...limits.values()].flat().sort((a, b) => (a.id + a.validFrom < b.id + b.validFrom ? -1 : 1));
}

function readLadders(folder: string, problems: string[]): Record<string, unknown> {
  const file = path.join(folder, 'ladders.json');
  if (!existsSync(file)) return {};
  return check(file, Ladders, readJson(file, problems), problems, '') ?? {};
}

function readLimitFile(file: string, ladders: ReadonlyMap<string, unknown>, problems: string[]): PolicyLimit[] {
  const entries = check(file, z.array(z.unknown()), readJson(file, problems), problems, '') ?? [];
  return entries.flatMap((entry, index) => {
    const raw = check(file, LimitInFile, entry, problems, `[${index}]`);
    if (raw === undefined) return [];
    const place = `[${index}] (${raw.id})`;
    if (typeof raw.ladder === 'string' && !ladders.has(raw.ladder)) {
      problems.push(`${file} ${place}.ladder: no ladder "${raw.ladder}" (known: ${[...ladders.keys()].join(', ')})`);
      return [];
    }
    const limit = check(file, PolicyLimit, { ...raw, ladder: typeof raw.ladder === 'string' ? ladders.get(raw.ladder) : raw.ladder }, problems, place);
    return limit === undefined ? [] : [limit];
  });
}

function readCalendars(folders: readonly string[], problems: string[]): CalendarData[] {
  const calendars = new Map<string, CalendarData>();
  for (const folder of folders) {
    for (const file of jsonFiles(path.join(folder, 'calendars'))) {
      const calendar = check(file, CalendarData, readJson(file, problems), problems, '');
      if (calendar !== undefined) calendars.set(calendar.jurisdiction, calendar);
    }
  }
  return [...calendars.values()].sort((a, b) => (a.jurisdiction < b.jurisdiction ? -1 : 1));
}

/** Two entries of one limit that are valid on the same day leave open which one is the law. */
function refuseOverlaps(limits: readonly PolicyLimit[], problems: string[]): void {
  const last = new Map<string, PolicyLimit>();
  for (const limit of limits) {
    const before = last.get(limit.id);
    if (before !== undefined && (before.validTo === null || before.validTo >= limit.validFrom)) {
      problems.push(`${limit.id}: two entries are valid at once, from ${before.validFrom} and from ${limit.validFrom}; give the earlier one a validTo`);
    }
    last.set(limit.id, limit);
  }
}

const jsonFiles = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')).sort().map((name) => path.join(folder, name)) : [];

function readJson(file: string, problems: string[]): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    problems.push(`${file}: ${error instanceof Error ? error.message : 'is not JSON'}`);
    return undefined;
  }
}

function check<S extends z.ZodType>(file: string, schema: S, value: unknown, problems: string[], place: string): z.output<S> | undefined {
  if (value === undefined) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    problems.push(`${file} ${place}${issue.path.length === 0 ? '' : `.${issue.path.map(String).join('.')}`}: ${issue.message}`);
  }
  return undefined;
}
