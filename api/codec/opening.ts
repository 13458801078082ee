import type { Payload } from '@temporalio/common';
import { CannotOpen } from '../../crypto/keyring';
import type { RefusalReason } from '../../domain/access';
import type { Identity } from '../../domain/identity';
import { isSealed, type KeyringCodec } from '../../temporal/codec';
import type { AccessPort, AccessSubject } from '../access-port';

/** Why a payload stays sealed: the rules, or that it belongs to no case on file, was changed, or lies under a key that has left the ring. */
export type StaysSealed = RefusalReason | 'no-case-known' | 'unknown-key' | 'tampered' | 'not-sealed';

/** What became of the sealed payloads of one case (null: of none), for the record of accesses. */
export interface Tally {
  readonly caseNumber: string | null;
  /** Absent: they were opened. */
  readonly refused?: StaysSealed;
  readonly count: number;
}

export interface OpeningParts {
  readonly codec: Pick<KeyringCodec, 'open'>;
  readonly access: Pick<AccessPort, 'may'>;
  /** What the rules look at in a case; null when none of this number is on file. */
  readonly findSubject: (caseNumber: string) => Promise<AccessSubject | null>;
}

/**
 * Opens payloads for a reader, each by itself: one that the reader may not see comes back sealed as it was, and the rest are shown. What was never sealed is
 * handed back. A payload is its case's by what stands inside its seal, not by anything the reader says.
 */
export async function openFor(reader: Identity, payloads: readonly Payload[], parts: OpeningParts): Promise<{ readonly payloads: Payload[]; readonly tallies: readonly Tally[] }> {
  const subjects = new Map<string, Promise<AccessSubject | null>>();
  const subjectOf = (caseNumber: string): Promise<AccessSubject | null> => {
    const known = subjects.get(caseNumber) ?? parts.findSubject(caseNumber);
    subjects.set(caseNumber, known);
    return known;
  };
  const tallies = new Map<string, { readonly caseNumber: string | null; readonly refused?: StaysSealed; count: number }>();
  const answer: Payload[] = [];
  for (const payload of payloads) {
    if (!isSealed(payload)) {
      answer.push(payload);
      continue;
    }
    const { shown, caseNumber, refused } = await openOne(reader, payload, parts, subjectOf);
    answer.push(shown);
    const key = `${caseNumber ?? ''} ${refused ?? ''}`;
    const tally = tallies.get(key) ?? { caseNumber, ...(refused === undefined ? {} : { refused }), count: 0 };
    tally.count++;
    tallies.set(key, tally);
  }
  return { payloads: answer, tallies: [...tallies.values()] };
}

interface OpenedOne { readonly shown: Payload; readonly caseNumber: string | null; readonly refused?: StaysSealed }

async function openOne(reader: Identity, sealed: Payload, parts: OpeningParts, subjectOf: (caseNumber: string) => Promise<AccessSubject | null>): Promise<OpenedOne> {
  let opened;
  try {
    opened = parts.codec.open(sealed);
  } catch (error) {
    if (!(error instanceof CannotOpen)) throw error;
    return { shown: sealed, caseNumber: null, refused: error.code };
  }
  const { payload, caseNumber = null } = opened;
  const subject = caseNumber === null ? null : await subjectOf(caseNumber);
  if (subject === null) return { shown: sealed, caseNumber, refused: 'no-case-known' };
  // Nobody sees in a history what the API would mask to them.
  for (const action of ['history.unmask', 'personal.unmask'] as const) {
    const verdict = parts.access.may(reader, action, subject);
    if (!verdict.allowed) return { shown: sealed, caseNumber, refused: verdict.reason };
  }
  // An answer that names the reader may be in history before the case has taken the name up.
  if (isNamedIn(payload, reader)) return { shown: sealed, caseNumber, refused: 'recusal' };
  return { shown: payload, caseNumber };
}

/** Whether a person in a JSON payload is the reader, or one the reader stands in for: by staff number, or by name where the person has none. */
function isNamedIn(payload: Payload, reader: Identity): boolean {
  const staff = new Set([reader, ...(reader.standsInFor ?? [])].flatMap((each) => each.staffId ?? []));
  const value = jsonIn(payload);
  const walk = (node: unknown): boolean => {
    if (Array.isArray(node)) return node.some(walk);
    if (typeof node !== 'object' || node === null) return false;
    return isReader(node, staff, reader.name) || Object.values(node).some(walk);
  };
  return walk(value);
}

/** An actor has a staff number too: who has acted in a case is not named in it. */
function isReader(node: object, staff: ReadonlySet<string>, name: string): boolean {
  const { staffId, name: named, kind, roles } = node as { readonly staffId?: unknown; readonly name?: unknown; readonly kind?: unknown; readonly roles?: unknown };
  if (typeof kind === 'string' && Array.isArray(roles)) return false;
  return typeof staffId === 'string' ? staff.has(staffId) : named === name;
}

function jsonIn(payload: Payload): unknown {
  const encoding = payload.metadata?.['encoding'];
  if (encoding == null || Buffer.from(encoding).toString('utf8') !== 'json/plain' || payload.data == null) return undefined;
  return JSON.parse(Buffer.from(payload.data).toString('utf8'));
}
