/** The law as data: what a policy entry says of one time limit, and how a version of the whole is found again years later. */
import { z } from 'zod';
import { Calendar } from '../calendar/calendar';
import type { CalendarData } from '../calendar/data';
import type { CivilDate } from '../civil-date';
import { Limit } from '../limit';
import { Role } from '../roles';
import { CivilDay } from './events';

const Words = z.strictObject({ zh: z.string().min(1), en: z.string().min(1) }).readonly();
const Key = z.string().regex(/^[a-z][a-z0-9-]*$/, 'is not a key of small letters, digits and hyphens');

/** When a rung of the ladder acts, counted from the due day. */
export const RungOffset = z.union([
  z.literal('due'),
  z.strictObject({ before: Limit }).readonly(),
  z.strictObject({ after: Limit }).readonly(),
], { error: 'is neither "due" nor {"before": limit} nor {"after": limit}' });
export type RungOffset = z.infer<typeof RungOffset>;

export const PolicyRung = z
  .strictObject({
    key: Key,
    offset: RungOffset,
    effect: z.enum(['notice', 'overdue', 'criticism', 'referral', 'lapse']),
    notify: z.array(z.enum(['assignee', 'supervisor', 'superior', 'leader', 'handler'])).readonly(),
    title: Words,
  })
  .readonly();

export const PolicyLimit = z
  .strictObject({
    id: z.string().regex(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/, 'is not an id of the form case.limit'),
    title: Words,
    limit: Limit,
    /** The event the limit runs from. */
    trigger: Words,
    /** 《民法典》第二百零一条：按照年、月、日计算期间的，开始的当日不计入，自下一日开始计算。 */
    startRule: z.enum(['next-day', 'same-day']).default('next-day'),
    /** 《民法典》第二百零三条：期间的最后一日是法定休假日的，以法定休假日结束的次日为期间的最后一日。 */
    rollToWorkingDay: z.boolean().default(true),
    /** The longest the limit may become with all its extensions, counted from the same trigger. */
    cap: Limit.nullable().default(null),
    pauseGrounds: z.array(z.strictObject({ key: Key, title: Words }).readonly()).readonly().default([]),
    extension: z.strictObject({ max: Limit, times: z.int().min(1), approverRole: Role }).readonly().nullable().default(null),
    /** From how long before the due day the clock counts as due soon (yellow in the electronic monitoring). */
    dueSoon: Limit.nullable().default(null),
    ladder: z.array(PolicyRung).readonly().default([]),
    /** The rule of law, as enacted; a default of the product says so. */
    article: z.strictObject({ zh: z.string().min(1), en: z.string().min(1), source: z.string().min(1) }).readonly(),
    validFrom: CivilDay,
    /** Last day on which a clock may begin under the entry; null: until replaced. */
    validTo: CivilDay.nullable().default(null),
    /** Whether a new version reaches cases already running, by a recorded recalculation. */
    transition: z.enum(['new-cases', 'running-cases']).default('new-cases'),
  })
  .readonly();
export type PolicyLimit = z.infer<typeof PolicyLimit>;

/** All limits in force at one version; the version is a hash of the content. */
export interface PolicySet { readonly version: string; readonly limits: readonly PolicyLimit[] }

/** All calendars at one version. */
export interface CalendarSet { readonly version: string; readonly calendars: readonly CalendarData[] }

/** A version of everything dates depend on: plain data, which the store archives and an export carries. */
export interface LawArchive { readonly policies: readonly PolicySet[]; readonly calendars: readonly CalendarSet[] }

export interface Law {
  /** The entry of a limit at a version; where it changed over time, the one valid on `on` (the day the clock begins), else the latest. @throws UnknownLaw */
  limit(limitId: string, policyVersion: string, on?: CivilDate): PolicyLimit;
  /** @throws UnknownLaw */
  calendar(jurisdiction: string, version: string): Calendar;
  readonly current: { readonly policyVersion: string; readonly calendarVersion: string };
}

/** Thrown when a version, an entry or a jurisdiction is asked for that is not on file. */
export class UnknownLaw extends Error {
  override readonly name = 'UnknownLaw';
  constructor(readonly what: 'policy version' | 'limit' | 'calendar version' | 'jurisdiction', readonly asked: string, known: readonly string[]) {
    super(`${what} "${asked}" is not on file (known: ${known.slice(0, 12).join(', ') || 'none'}${known.length > 12 ? ', …' : ''})`);
  }
}

/**
 * The law over any number of versions: what is in force and what older cases are pinned to.
 * `current` names the versions new cases begin with. Calendars are made ready for counting when first asked for.
 */
export function lawFromVersions(archive: LawArchive, current: Law['current']): Law & { readonly archive: LawArchive } {
  const policies = new Map(archive.policies.map((set) => [set.version, groupById(set.limits)]));
  const calendars = new Map(archive.calendars.map((set) => [set.version, new Map(set.calendars.map((data) => [data.jurisdiction, data]))]));
  const ready = new Map<string, Map<string, Calendar>>();
  /** Asked for again and again by whoever counts; two comparisons of the same text are many times faster than two look-ups. */
  let latest: Calendar | undefined;
  const prepared = (jurisdiction: string, version: string): Calendar => {
    const known = ready.get(version)?.get(jurisdiction);
    if (known !== undefined) return known;
    const set = calendars.get(version);
    if (set === undefined) throw new UnknownLaw('calendar version', version, [...calendars.keys()]);
    const data = set.get(jurisdiction);
    if (data === undefined) throw new UnknownLaw('jurisdiction', jurisdiction, [...set.keys()]);
    const calendar = new Calendar(data, version);
    ready.set(version, (ready.get(version) ?? new Map<string, Calendar>()).set(jurisdiction, calendar));
    return calendar;
  };
  return {
    archive,
    current,
    limit(limitId, policyVersion, on) {
      const set = policies.get(policyVersion);
      if (set === undefined) throw new UnknownLaw('policy version', policyVersion, [...policies.keys()]);
      const entries = set.get(limitId) ?? [];
      const entry = (on === undefined ? undefined : entries.find((each) => isValidOn(each, on))) ?? entries.at(-1);
      if (entry === undefined) throw new UnknownLaw('limit', limitId, [...set.keys()]);
      return entry;
    },
    calendar(jurisdiction, version) {
      return latest !== undefined && latest.version === version && latest.jurisdiction === jurisdiction ? latest : (latest = prepared(jurisdiction, version));
    },
  };
}

const isValidOn = (entry: PolicyLimit, on: CivilDate): boolean => entry.validFrom <= on && (entry.validTo === null || on <= entry.validTo);

function groupById(limits: readonly PolicyLimit[]): Map<string, PolicyLimit[]> {
  const byId = new Map<string, PolicyLimit[]>();
  for (const limit of limits) byId.set(limit.id, [...(byId.get(limit.id) ?? []), limit]);
  for (const entries of byId.values()) entries.sort((a, b) => (a.validFrom < b.validFrom ? -1 : 1));
  return byId;
}
