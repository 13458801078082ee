import { z } from 'zod';
import { canonicalJson } from '../crypto/canonical-json';
import type { CaseView } from '../domain/case-file';
import { CivilDay } from '../domain/clock/events';
import type { Json } from '../domain/json';
import { RetentionRule } from '../policy/retention-rule';
import type { ShownEvent } from './verify-chain';

/**
 * The exported case 案卷导出: a plain zip whose every text is canonical JSON, so that one case has one form.
 *
 *     manifest.json              what is in it, with the SHA-256 of each file; head, seal, roots with their proofs
 *     case.json                  the view (its open part only, when redacted), with the events of every clock
 *     events.jsonl               the chain, one event a line
 *     documents/<sha256>         the documents on file, unless redacted
 *     law/policy-<version>.json, law/calendar-<version>.json
 */
export const FORMAT = 'wenze-case';
export const FORMAT_VERSION = 1;

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in lower-case hexadecimal');
const Count = z.int().min(0);

const SealSchema = z.strictObject({
  caseNumber: z.string(), head: Sha256, seq: Count, closedAt: z.int(), sealedAt: z.int(), view: z.strictObject({ open: Sha256, whole: Sha256 }),
});

const RootSchema = z.strictObject({
  day: CivilDay, previous: Sha256, cases: Count, merkle: Sha256, audit: z.strictObject({ entries: Count, head: Sha256 }), hash: Sha256,
});

const LeafSchema = z.strictObject({ caseNumber: z.string(), seq: Count, head: Sha256, seal: Sha256.nullable() });

/** A daily root and the way to it from this case. */
export const AnchorSchema = z.strictObject({
  root: RootSchema, leaf: LeafSchema, proof: z.strictObject({ index: Count, count: Count, path: z.array(Sha256) }),
});
export type Anchor = z.infer<typeof AnchorSchema>;

/** What was destroyed, by which rule, when, by whom 销毁记录. */
export const DestructionSchema = z.strictObject({
  caseNumber: z.string(), caseType: z.string(), rule: RetentionRule, policyVersion: z.string(), closedAt: z.int(), dueOn: CivilDay, at: z.int(), by: z.string().min(1),
  head: Sha256, seq: Count,
  destroyed: z.strictObject({ details: Count, notices: Count, documents: z.array(Sha256) }),
  /** Hash of the destruction recorded before. */
  previous: Sha256, hash: Sha256,
});
export type Destruction = z.infer<typeof DestructionSchema>;

export const ManifestSchema = z.strictObject({
  format: z.literal(FORMAT), version: z.literal(FORMAT_VERSION),
  caseNumber: z.string().min(1), type: z.string().min(1), redacted: z.boolean(),
  head: z.strictObject({ seq: Count, hash: Sha256 }),
  seal: SealSchema.nullable(),
  roots: z.array(AnchorSchema),
  destruction: DestructionSchema.nullable(),
  /** Every document on file; `included` when its content is in `documents/`. */
  documents: z.array(z.strictObject({ sha256: Sha256, included: z.boolean() })),
  files: z.array(z.strictObject({ name: z.string().min(1), bytes: Count, sha256: Sha256 })),
});
export type Manifest = z.infer<typeof ManifestSchema>;

/** `case.json`. The salt belongs to the seal and is there only when the whole view is. */
export interface CaseJson {
  readonly view: CaseView;
  readonly salt?: string;
}

const ActorSchema = z.looseObject({ kind: z.string(), id: z.string() });
const JsonValue = z.custom<Json>((value) => value !== undefined);

const EventLineSchema = z.strictObject({
  seq: Count, at: z.int(), kind: z.string(), by: ActorSchema, step: z.string().optional(), clock: z.string().optional(), facts: z.record(z.string(), JsonValue),
  body: Sha256, previous: Sha256, hash: Sha256, shown: z.strictObject({ salt: z.string(), detail: JsonValue }).optional(),
});

const PinSchema = z.looseObject({ policyVersion: z.string(), calendarVersion: z.string() });
const ClockEventSchema = z.union([
  PinSchema.extend({ kind: z.literal('recalculation') }), z.looseObject({ kind: z.string() }).refine((event) => event.kind !== 'recalculation'),
]);

/** The view as far as a verifier reads it; everything else in it is covered by the seal. */
export const ShownViewSchema = z.looseObject({
  caseNumber: z.string(), type: z.string(), revision: Count, status: z.enum(['open', 'closed']), closedAt: z.int().optional(), law: PinSchema.nullable(),
  openSteps: z.array(z.looseObject({ id: z.string() })), evidence: z.array(JsonValue),
  clocks: z.array(z.looseObject({
    id: z.string(), reading: z.looseObject({ rungs: z.array(z.looseObject({ key: z.string() })) }).nullable(),
    spec: PinSchema.extend({ clockId: z.string(), limitId: z.string(), events: z.array(ClockEventSchema) }),
  })),
});
export const CaseJsonSchema = z.strictObject({ view: ShownViewSchema, salt: z.string().optional() });

/** The line of an event. */
export function eventLine({ event, body, previous, hash, shown }: ShownEvent): string {
  const { caseNumber: _inManifest, ...open } = event;
  return canonicalJson({ ...open, body, previous, hash, shown });
}

/** Reads the line of an event of this case; null when it is not one. */
export function parseEventLine(caseNumber: string, line: string): ShownEvent | null {
  const parsed = EventLineSchema.safeParse(parseJson(line));
  if (!parsed.success) return null;
  const { body, previous, hash, shown, ...open } = parsed.data;
  return { event: { caseNumber, ...open } as unknown as ShownEvent['event'], body, previous, hash, ...(shown === undefined ? {} : { shown }) };
}

/** How many objects and arrays may stand in one another: far more than a case has, far fewer than the stack of whoever walks through them bears. */
const deepest = 1_000;

/** JSON text → value; undefined, which no JSON text means, when it is not JSON or nothing a case could hold. */
export function parseJson(source: string): unknown {
  try {
    const value: unknown = JSON.parse(source);
    return isOrdinary(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whether a value can be walked through, and has no member named `__proto__`, which schemas pass over unseen. Calls itself nowhere. */
function isOrdinary(root: unknown): boolean {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: root, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value !== 'object' || value === null) continue;
    if (depth === deepest || Object.hasOwn(value, '__proto__')) return false;
    for (const item of Object.values(value) as unknown[]) open.push({ value: item, depth: depth + 1 });
  }
  return true;
}

/** A value as a file of the export: canonical, with a line end. */
export const jsonFile = (value: unknown): Buffer => Buffer.from(`${canonicalJson(value)}\n`, 'utf8');

export const policyFile = (version: string): string => `law/policy-${version}.json`;
export const calendarFile = (version: string): string => `law/calendar-${version}.json`;
export const documentFile = (sha256: string): string => `documents/${sha256}`;
