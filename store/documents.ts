import type { Assignee, CaseEvent, OpenStep } from '../domain/case-file';
import type { CivilDate } from '../domain/civil-date';
import type { Json, JsonObject } from '../domain/json';
import type { Role } from '../domain/roles';

/** The writer's place in the workflow's history; a later one wins over what an unconfirmed attempt left behind. */
export type Fence = number;

/** The projection of a case: what lists and rights need in the clear, everything else sealed. */
export interface CaseDocument {
  readonly _id: string;
  readonly type: string;
  readonly status: 'open' | 'closed';
  readonly stage: string;
  readonly outcome: string | null;
  readonly leadOrgan: string;
  readonly organs: readonly string[];
  readonly openedAt: number;
  readonly closedAt: number | null;
  readonly due: CivilDate | null;
  readonly dueAt: number | null;
  readonly nextRungAt: number | null;
  readonly overdue: boolean;
  /** The law its clocks run under, and whether one of them still rests on a year that is not published. */
  readonly policyVersion: string | null;
  readonly calendarVersion: string | null;
  readonly provisional: boolean;
  readonly escalationLevel: number;
  readonly revision: number;
  readonly participants: readonly string[];
  /** Blind index of the staff ids of persons named in the case, for recusal. */
  readonly namedStaff: readonly string[];
  /** Blind index of the words of case number and subject, for search. */
  readonly terms: readonly string[];
  readonly head: string;
  readonly fence: Fence;
  /** The whole view, sealed. */
  readonly sealed: string;
}

/** One event of the chain. `sealed` holds salt and detail; `body` is their hash, so that the chain can be checked without opening it. */
export interface EventDocument extends Omit<CaseEvent, 'detail' | 'salt'> {
  readonly _id: string;
  readonly sealed: string;
  readonly body: string;
  readonly previous: string;
  readonly hash: string;
  readonly fence: Fence;
}

/** An open step in somebody's inbox. */
export interface TaskDocument extends Pick<OpenStep, 'step' | 'openedAt' | 'due' | 'provisional' | 'overdue' | 'answers'> {
  readonly _id: string;
  readonly caseNumber: string;
  readonly type: string;
  readonly stepId: string;
  readonly roles: readonly Role[];
  readonly organ: string;
  readonly user: string | null;
  /** Far in the future where the law sets no date, so that sorting by it is total. */
  readonly dueAt: number;
  readonly namedStaff: readonly string[];
  readonly revision: number;
}

/** A message in somebody's inbox. */
export interface NoticeDocument {
  readonly _id: string;
  readonly caseNumber: string;
  readonly type: string;
  readonly at: number;
  readonly template: string;
  readonly roles: readonly Role[];
  readonly organ: string;
  readonly user: string | null;
  /** For the complainant's letter box rather than an officer's. */
  readonly complainant: boolean;
  readonly facts: JsonObject;
  readonly namedStaff: readonly string[];
  readonly sealed: string;
}

/** Key of an intake → its case number. */
export interface IntakeDocument {
  readonly _id: string;
  readonly caseNumber: string;
  readonly type: string;
  readonly at: number;
}

/** A version of the law as it was in force, kept for as long as a case refers to it. */
export interface LawDocument {
  readonly _id: string;
  readonly kind: 'policy' | 'calendar';
  readonly content: Json;
  readonly firstSeen: number;
}

/** A due date that sorts last. */
export const noDueAt = Number.MAX_SAFE_INTEGER;

export type { Assignee };
