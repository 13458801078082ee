import { z } from 'zod';

/**
 * The contract with a city's personnel system 人事系统 and record system 备案系统. A city puts its own systems, or adapters to them, at
 * PERSONNEL_URL and RECORDS_URL; ours are a reference. Every write is `PUT …/{key}` with the same key in `Idempotency-Key`:
 * 201 the first time, 200 with the same receipt for the same body again, 409 `key-reused` for another body under a used key.
 */

/** Longest body in bytes that a system takes. */
export const MAX_BODY_BYTES = 512 * 1024;

/** Unique for one fact: `TS-2026-000123/fileForRecord/fault`. */
export const Key = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}$/, 'letters, digits and . _ : / - only, at most 200');

const Organ = z.string().min(1).max(80);
const StaffId = z.string().min(1).max(60);

/** What every fact brings: the case it comes from, when (milliseconds since the epoch), who, and the content itself, which is confidential. */
export const Entry = z.object({
  caseNumber: z.string().min(1).max(40),
  at: z.int().min(0),
  by: z.object({ kind: z.string(), id: z.string() }).loose(),
  content: z.json(),
});
export type Entry = z.infer<typeof Entry>;

/** 备案: a fault or decision filed for record. */
export const Filing = Entry.extend({ organ: Organ.optional() });
/** 通报批评: a notice of criticism of an organ. */
export const Criticism = Entry.extend({ organ: Organ });
/** 公布: what is published, and within which scope. */
export const Publication = Entry.extend({ scope: z.string().min(1).max(80) });

/** The kinds of facts each system keeps. */
export const personnelKinds = ['entry', 'copy', 'change'] as const;
export const recordKinds = ['filing', 'criticism', 'publication'] as const;
export type PersonnelKind = (typeof personnelKinds)[number];
export type RecordKind = (typeof recordKinds)[number];
export type Kind = PersonnelKind | RecordKind;

/** Path segment of each kind. `/archive/{staffId}/{segment}/{key}` in the personnel system, `/{segment}/{key}` in the record system. */
export const segments = {
  entry: 'entries', copy: 'copies', change: 'changes', filing: 'filings', criticism: 'criticisms', publication: 'publications',
} as const satisfies Record<Kind, string>;

/** Body by kind. */
export const bodies = {
  entry: Entry, copy: Entry, change: Entry, filing: Filing, criticism: Criticism, publication: Publication,
} as const satisfies Record<Kind, z.ZodType>;

/** The answer to a write. */
export const Receipt = z.object({ receipt: z.string().min(1), recordedAt: z.int() });
export type Receipt = z.infer<typeof Receipt>;

/** A fact as it is read back. */
export const Kept = Entry.extend({
  key: Key,
  kind: z.enum([...personnelKinds, ...recordKinds]),
  receipt: z.string(),
  recordedAt: z.int(),
  staffId: StaffId.optional(),
  organ: Organ.optional(),
  scope: z.string().optional(),
});
export type Kept = z.infer<typeof Kept>;

/** `GET /archive/{staffId}/{segment}`, `GET /{segment}`: oldest first, one bounded page; `next` is the cursor of the following one. */
export const Page = z.object({ items: z.array(Kept), next: z.string().nullable() });
export type Page = z.infer<typeof Page>;

/** Query of a list. */
export const ListQuery = z.object({
  caseNumber: z.string().max(40).optional(),
  organ: Organ.optional(),
  cursor: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type ListQuery = z.infer<typeof ListQuery>;

/** `GET /statistics?from=&to=` (milliseconds, from included, to not): 统计分析 of what was filed. */
export const StatisticsQuery = z.object({ from: z.coerce.number().int().min(0).default(0), to: z.coerce.number().int().min(0).default(Number.MAX_SAFE_INTEGER) });
export const Statistics = z.object({
  total: z.int(),
  byKind: z.record(z.string(), z.int()),
  byOrgan: z.record(z.string(), z.int()),
});
export type Statistics = z.infer<typeof Statistics>;

/** Codes of refusals, in `application/problem+json`. */
export const problemCodes = ['unauthenticated', 'invalid', 'key-mismatch', 'key-reused', 'too-large', 'not-found', 'unavailable'] as const;
export type ProblemCode = (typeof problemCodes)[number];
export const Problem = z.object({ type: z.string(), title: z.string(), status: z.int(), code: z.string(), detail: z.string().optional() });
export { StaffId };
