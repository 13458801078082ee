import type { ActionName, Actor } from './case-definition';
import type { CaseEvent, CaseView, Origin } from './case-file';
import type { Json } from './json';

/** Names under which a case is spoken to in Temporal. */
export const messageNames = {
  answer: 'answer',
  act: 'act',
  view: 'view',
  events: 'events',
  nudge: 'nudge',
  goOn: 'goOn',
  followerJoined: 'followerJoined',
  leadingConcluded: 'leadingConcluded',
  recalculate: 'recalculate',
} as const;

/** An answer to a step, as the API hands it to the workflow. `key` makes a repeated send one answer. */
export interface AnswerMessage {
  readonly step: string;
  readonly answer: string;
  readonly fields: Json;
  readonly by: Actor;
  readonly key?: string;
  /** Revisions the sender has seen (If-Match); the case refuses when it is at none of them. */
  readonly expected?: readonly number[];
}

/** An action on a case. */
export interface ActionMessage {
  readonly action: ActionName;
  readonly fields: Json;
  readonly by: Actor;
  readonly key?: string;
  /** As of an answer. */
  readonly expected?: readonly number[];
}

/** What comes back once the fact is on record. */
export interface Receipt {
  readonly caseNumber: string;
  readonly revision: number;
  readonly seq: number;
  readonly at: number;
}

/** What a workflow knows of its own history in the present run, for the store to be repaired from. */
export interface EventsOfRun {
  readonly run: number;
  /** Length of the history at the recording that was begun last, 0 before the first: with `run` the place of the case among the writers of its file. */
  readonly historyLength: number;
  readonly events: readonly CaseEvent[];
}

/** A law version that reaches running cases: every clock it names is read again from what is on file. */
export interface RecalculateMessage {
  readonly ground: string;
  /** The clocks to read anew, each under the versions that reach it. */
  readonly clocks: readonly { readonly id: string; readonly policyVersion: string; readonly calendarVersion: string }[];
}

/** How a case begins. */
export interface CaseStart<Intake = Json> {
  readonly caseNumber: string;
  readonly intake: Intake;
  readonly by: Actor & { readonly organ: string };
  readonly origin?: Origin;
  /** Set when a long case goes on in a new run. */
  readonly carried?: CarriedCase;
  /** Go on in a new run once history is longer than this; left out, when the server suggests it. */
  readonly historyBudget?: number;
}

/** What a long case takes along into its next run. */
export interface CarriedCase {
  readonly run: number;
  readonly view: CaseView;
  readonly seq: number;
  readonly head: string;
  /** Results the procedure has had so far, by the name of the wait; it runs through them to where it stood. */
  readonly journal: Readonly<Record<string, Json>>;
  /** Receipts by idempotency key. */
  readonly receipts: Readonly<Record<string, Receipt>>;
}

/** Types of the failures with which a case refuses; the API maps each to a problem code. */
export const refusals = ['case-closed', 'step-not-open', 'unknown-step', 'answer-not-allowed', 'invalid-fields', 'not-yours', 'recusal', 'action-not-allowed', 'stale-revision'] as const;
export type Refusal = (typeof refusals)[number];

/** What a refusal carries beside its sentence. */
export interface RefusalDetail {
  readonly allowed?: Json;
  readonly issues?: readonly { readonly path: string; readonly message: string }[];
}

/** The end of a case. */
export interface CaseResult {
  readonly caseNumber: string;
  readonly outcome: string;
}

export type { CaseEvent, CaseView };
