import type { ActionName, Actor } from './case-definition';
import type { CivilDate } from './civil-date';
import type { ClockReading, ClockSpec } from './clock';
import type { Json, JsonObject } from './json';
import type { Limit } from './limit';
import type { OrganId } from './organs';
import type { Person } from './person';
import type { Role } from './roles';
import type { Text } from './text';

/** Everything that can happen on a case. The list is closed: the evidence chain and the console know each of them. */
export const eventKinds = [
  'case-opened', 'step-opened', 'step-answered', 'step-lapsed', 'step-cancelled',
  'clock-started', 'clock-stopped', 'clock-reopened', 'clock-paused', 'clock-resumed', 'clock-extended', 'clock-excluded', 'clock-recalculated',
  'extension-requested', 'extension-refused', 'rung', 'notice', 'note', 'evidence', 'reassigned', 'criticism', 'order', 'measure', 'finding',
  'case-linked', 'follower-joined', 'merged', 'withdrawn', 'released', 'system-waiting', 'system-done', 'announcement', 'case-closed',
] as const;
export type EventKind = (typeof eventKinds)[number];

/**
 * One entry of the case's history. `facts` never hold personal data and stay readable; `detail` may, and is sealed wherever it is stored.
 * `salt` keeps a short detail from being guessed from its hash.
 */
export interface CaseEvent {
  readonly caseNumber: string;
  readonly seq: number;
  /** Milliseconds since the epoch, the workflow's time. */
  readonly at: number;
  readonly kind: EventKind;
  readonly by: Actor;
  readonly step?: string;
  readonly clock?: string;
  readonly facts: JsonObject;
  readonly detail?: Json;
  readonly salt: string;
}

/** To whom an open step belongs: any of the roles in the organ, or one user. */
export interface Assignee {
  readonly roles: readonly Role[];
  readonly organ: OrganId;
  readonly user?: string;
}

/** A step waiting for its answer, as the inbox shows it. */
export interface OpenStep {
  readonly id: string;
  readonly step: string;
  readonly round: number;
  readonly assignee: Assignee;
  readonly openedAt: number;
  /** The clock it runs under, its own or the case's; absent where the law sets none. */
  readonly clock?: string;
  readonly due: CivilDate | null;
  readonly dueAt: number | null;
  readonly provisional: boolean;
  readonly overdue: boolean;
  readonly answers: readonly string[];
  /** What the officer needs to know to answer, e.g. why it was returned; confidential. */
  readonly context?: Json;
}

/** What a ladder rung does when its moment comes. */
export type RungEffect = 'notice' | 'overdue' | 'criticism' | 'referral' | 'lapse';

/** A rung as its policy entry describes it; its date stands in the reading. */
export interface LadderRung {
  readonly key: string;
  readonly effect: RungEffect;
  readonly notify: readonly ('assignee' | 'supervisor' | 'superior' | 'leader' | 'handler')[];
  readonly title: Text;
}

/** What may be done to a clock and what its ladder does, from its policy entry. */
export interface ClockRules {
  readonly title: Text;
  readonly pauseGrounds: readonly string[];
  readonly extension?: { readonly max: Limit; readonly times: number; readonly approverRole: Role };
  readonly ladder: readonly LadderRung[];
}

/** A clock of the case as shown on it. */
export interface CaseClock {
  readonly id: string;
  readonly spec: ClockSpec;
  readonly reading: ClockReading | null;
  readonly rules: ClockRules | null;
  /** Whom its ladder speaks to when no step runs under it. */
  readonly organ: OrganId;
  /** Ladder rungs that have acted, each once. */
  readonly fired: readonly string[];
}

/** The law a case is pinned to when it begins: version of the policy, version of the calendar, and whose calendar. */
export interface LawPin {
  readonly policyVersion: string;
  readonly calendarVersion: string;
  readonly jurisdiction: string;
}

/** A link to another case. */
export interface CaseLink {
  readonly caseNumber: string;
  readonly type: string;
  readonly relation: 'origin' | 'started' | 'leading' | 'follower' | 'prior';
}

/** A system that does not answer, so that the case waits. */
export interface Waiting {
  readonly system: string;
  readonly since: number;
}

/** The current state of a case: what the API answers, what the projection stores, what the workflow carries on. */
export interface CaseView {
  readonly caseNumber: string;
  readonly type: string;
  readonly revision: number;
  readonly status: 'open' | 'closed';
  readonly stage: string;
  readonly outcome?: string;
  readonly openedAt: number;
  readonly closedAt?: number;
  readonly startedBy: Actor;
  readonly leadOrgan: OrganId;
  readonly organs: readonly OrganId[];
  readonly openSteps: readonly OpenStep[];
  readonly clocks: readonly CaseClock[];
  readonly links: readonly CaseLink[];
  readonly waiting: readonly Waiting[];
  readonly escalationLevel: number;
  readonly overdue: boolean;
  /** Earliest due date among open steps and running clocks. */
  readonly due: CivilDate | null;
  readonly dueAt: number | null;
  /** The next moment at which a ladder must act; a sweep looks for those that passed. */
  readonly nextRungAt: number | null;
  readonly actions: readonly ActionName[];
  /** Users who have acted on the case. */
  readonly participants: readonly string[];
  readonly law: LawPin | null;
  /** Confidential from here on. */
  readonly subject: string;
  readonly intake: Json;
  readonly persons: readonly Person[];
  readonly evidence: readonly Json[];
  readonly findings: readonly Json[];
  readonly result?: Json;
}

/** A message for somebody's inbox, carried by a `notice` event. */
export interface NoticeFacts {
  readonly to: Assignee | 'complainant';
  readonly template: string;
}

/** How a started case names its parent. */
export interface Origin {
  readonly caseNumber: string;
  readonly type: string;
}

/** Links of an organ in the organ tree, as the procedure needs them. */
export interface OrganRelations {
  readonly id: OrganId;
  readonly title: { readonly zh: string; readonly en: string };
  /** Superiors from the nearest upwards; empty for the top. */
  readonly superiors: readonly OrganId[];
  readonly supervisory: OrganId;
  readonly personnel: OrganId;
  readonly government: OrganId;
  /** The head of the organ, when one is on the staff list; confidential. */
  readonly head?: Person;
}
