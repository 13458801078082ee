import { canonicalJson } from '../crypto/canonical-json';
import { sha256 } from '../crypto/hash';
import type { CaseView } from '../domain/case-file';

/** The seal of a closed case 封存: where its chain ends, and what the case looked like then. */
export interface Seal {
  readonly caseNumber: string;
  /** The chain's last event. */
  readonly head: string;
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly closedAt: number;
  readonly sealedAt: number;
  /** `open`: hash of the final view without its confidential fields; `whole`: of the whole view under a salt that is confidential itself. */
  readonly view: { readonly open: string; readonly whole: string };
}

/**
 * A view without what may name or describe persons: what an export shows to those who may see no more, and what is left after destruction.
 * Clocks, dates, organs and outcome stay, so that every date can still be recomputed.
 */
export function openView(view: CaseView): CaseView {
  const { result: _result, ...rest } = view;
  return {
    ...rest,
    openSteps: view.openSteps.map(({ context: _context, ...step }) => step),
    subject: '', intake: null, persons: [], evidence: [], findings: [],
  };
}

/** Hash of the open part of a view. */
export const openViewHash = (view: CaseView): string => sha256(canonicalJson(openView(view)));

/** Hash of a whole view; the salt keeps a short subject from being guessed from it. */
export const wholeViewHash = (view: CaseView, salt: string): string => sha256(canonicalJson({ salt, view }));

/** Hash of a seal, as it stands in the leaf of its day. */
export const sealHash = ({ caseNumber, head, seq, closedAt, sealedAt, view }: Seal): string =>
  sha256(canonicalJson({ v: 1, caseNumber, head, seq, closedAt, sealedAt, view: { open: view.open, whole: view.whole } }));
