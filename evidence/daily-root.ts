import { canonicalJson } from '../crypto/canonical-json';
import { sha256 } from '../crypto/hash';
import type { CivilDate } from '../domain/civil-date';
import { merkleRoot } from './merkle';

/** What a day's root knows of one case: the head of its chain at the end of that day, and its seal once it is closed. */
export interface Leaf {
  readonly caseNumber: string;
  readonly seq: number;
  readonly head: string;
  /** Hash of the seal; null while the case is open. */
  readonly seal: string | null;
}

/** One day (Asia/Shanghai) of the whole office, in one hash: publish it, and nothing of that day can be changed unnoticed. */
export interface DailyRoot {
  readonly day: CivilDate;
  /** Hash of the root of the day before; of the first one, that of nothing. */
  readonly previous: string;
  readonly cases: number;
  readonly merkle: string;
  /** The day's chain of the access audit: entries and last hash. */
  readonly audit: { readonly entries: number; readonly head: string };
  readonly hash: string;
}

/** What the first root refers to. */
export const firstPrevious = sha256('wenze/roots');

/** A leaf as text. */
export const leafText = ({ caseNumber, seq, head, seal }: Leaf): string => canonicalJson({ caseNumber, seq, head, seal });

/** Leaves in the order of the tree: by case number. */
export const inOrder = <L extends Leaf>(leaves: readonly L[]): L[] => [...leaves].sort((a, b) => (a.caseNumber < b.caseNumber ? -1 : a.caseNumber > b.caseNumber ? 1 : 0));

/** Hash of a root. */
export const rootHash = ({ day, previous, cases, merkle, audit }: Omit<DailyRoot, 'hash'>): string =>
  sha256(canonicalJson({ v: 1, day, previous, cases, merkle, audit: { entries: audit.entries, head: audit.head } }));

/** The root of a day over its leaves. */
export function makeRoot(day: CivilDate, previous: string, leaves: readonly Leaf[], audit: DailyRoot['audit']): DailyRoot {
  const root = { day, previous, cases: leaves.length, merkle: merkleRoot(inOrder(leaves).map(leafText)), audit };
  return { ...root, hash: rootHash(root) };
}
