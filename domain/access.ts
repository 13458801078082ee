import type { CaseDefinition } from './case-definition';
import { isSole, type Identity, type StandIn } from './identity';
import type { Json } from './json';
import type { OrganTree } from './organs';
import type { Role } from './roles';
import { text, type Text } from './text';

/** Everything that rights are asked for; actions on a case are `action.` and their name. */
export const staticActions = [
  'case.start', 'case.list', 'case.read', 'case.import', 'step.answer', 'document.read', 'document.upload', 'letter.issue',
  'inbox.read', 'stats.read', 'clocks.read', 'reference.read', 'export', 'personal.unmask', 'history.unmask', 'audit.read',
  'settings.change', 'user.manage', 'key.manage', 'webhook.manage', 'delegation.read', 'delegation.change',
] as const;
export type StaticAction = (typeof staticActions)[number];

/**
 * What no key opens, whatever stands in it: whoever gives rights, or opens what nobody else may, is a person with a name. A key that made keys, accounts or
 * deputies would go on after its own end; one that made webhooks would send the events where nobody looks.
 */
export const personsOnly = [
  'history.unmask', 'audit.read', 'settings.change', 'user.manage', 'key.manage', 'webhook.manage', 'delegation.read', 'delegation.change',
] as const satisfies readonly StaticAction[];
export type AccessAction = StaticAction | `action.${string}`;

/** A case, as far as rights depend on it. */
export interface AccessSubject {
  readonly caseType: string;
  readonly organs: readonly string[];
  readonly participants: readonly string[];
  /** Staff ids of the persons named in the case 当事人. */
  readonly namedStaff: readonly string[];
  readonly openSteps: readonly { readonly id: string; readonly roles: readonly Role[]; readonly organ: string; readonly user?: string }[];
  /** For `step.answer`: the id of the open step. */
  readonly step?: string;
}

/** Before there is a case, only its type is known, and whom the intake names. */
export type StartSubject = Pick<AccessSubject, 'caseType'> & Partial<AccessSubject>;

export type RefusalReason = 'role' | 'organ' | 'recusal' | 'not-yours' | 'scope' | 'no-case';

/** `as` is in whose place the caller acts: the caller, or one it stands in for; it goes on record. */
export type Verdict =
  | { readonly allowed: true; readonly reason: 'role'; readonly as: StandIn }
  | { readonly allowed: false; readonly reason: RefusalReason };

/** What an officer reads when refused. */
export const refusalTexts = {
  role: text('您的角色无权执行此操作', 'your roles do not allow this'),
  organ: text('该案件与您所在机关无关', 'the case does not concern your organ'),
  recusal: text('您是本案当事人,应当回避', 'you are named in the case and do not take part in it'),
  'not-yours': text('该环节不由您办理', 'the step belongs to somebody else'),
  scope: text('该系统密钥未获此项授权', 'the key was not given for this'),
  'no-case': text('须指明案件', 'this is a right on a case, and no case was named'),
} as const satisfies Record<RefusalReason, Text>;

const officers = ['handler', 'reviewer', 'approver', 'supervisor', 'referrer', 'department', 'leader', 'personnel'] as const satisfies readonly Role[];
/** The auditor reads all and changes nothing; the administrator reads no case; a complainant sees the own ones. */
const readers = [...officers, 'auditor', 'complainant'] as const satisfies readonly Role[];
const everyone = [...readers, 'administrator'] as const satisfies readonly Role[];

interface Rule {
  /** Roles by name, or where they come from: the definition of the case type, the open step. */
  readonly who: readonly Role[] | 'starters' | 'actors' | 'assignees';
  /**
   * Which cases: `any` asks for none; `concerned` the own organ's, those one took part in and, for supervisors and leaders, those of
   * organs under them; `involved` the same without the latter; `listed` as `concerned` when a case is named, else none is needed.
   */
  readonly where: 'any' | 'concerned' | 'involved' | 'listed';
}

/** The table of rights: role × organ × case × step, one line per action. */
const rules = {
  'case.start': { who: 'starters', where: 'any' },
  'case.import': { who: ['handler', 'supervisor'], where: 'any' },
  'case.list': { who: readers, where: 'any' },
  'case.read': { who: readers, where: 'concerned' },
  'clocks.read': { who: readers, where: 'listed' },
  'document.read': { who: readers, where: 'concerned' },
  'document.upload': { who: [...officers, 'complainant'], where: 'concerned' },
  'letter.issue': { who: ['handler', 'reviewer', 'approver', 'supervisor', 'referrer', 'department', 'leader'], where: 'involved' },
  'step.answer': { who: 'assignees', where: 'concerned' },
  'inbox.read': { who: readers, where: 'any' },
  'stats.read': { who: [...officers, 'auditor'], where: 'any' },
  'reference.read': { who: everyone, where: 'any' },
  export: { who: ['handler', 'supervisor', 'leader', 'auditor'], where: 'listed' },
  // 检举、控告人的情况不得透露或者转给被检举、被控告的单位和个人: so not the department a complaint is about, nor a leader over it.
  'personal.unmask': { who: ['handler', 'reviewer', 'approver', 'supervisor', 'personnel'], where: 'involved' },
  // Whole payloads of a history, in the Temporal UI: for who approves and who supervises, and only of cases that `personal.unmask` opens to them too.
  'history.unmask': { who: ['approver', 'supervisor'], where: 'listed' },
  'audit.read': { who: ['auditor'], where: 'any' },
  'settings.change': { who: ['administrator'], where: 'any' },
  'user.manage': { who: ['administrator'], where: 'any' },
  'key.manage': { who: ['administrator'], where: 'any' },
  'webhook.manage': { who: ['administrator'], where: 'any' },
  // Which ones is `delegationReach`.
  'delegation.read': { who: [...officers, 'auditor', 'administrator'], where: 'any' },
  'delegation.change': { who: [...officers, 'administrator'], where: 'any' },
} as const satisfies Record<StaticAction, Rule>;

const onAction: Rule = { who: 'actors', where: 'concerned' };

/** What the rules need to know of the city. */
export interface AccessWorld {
  readonly tree: OrganTree;
  /** The case type by name; undefined when there is none. */
  readonly definitionOf: (caseType: string) => Pick<CaseDefinition, 'startedBy' | 'actions'> | undefined;
  /** How a staff id stands in the projection's `namedStaff`: as it is, or its blind index under every key. */
  readonly staffMarks?: (staffId: string) => readonly string[];
}

/** The rules of access. Pure: what depends on a case is in the subject, what depends on the city in the world. */
export class AccessRules {
  private readonly marks: (staffId: string) => readonly string[];
  private readonly under = new Map<string, readonly string[]>();

  constructor(private readonly world: AccessWorld) {
    this.marks = world.staffMarks ?? ((staffId) => [staffId]);
  }

  /**
   * Whether a caller may do something, to a case where the action is on one. Tried in the caller's own place first, then in each place
   * the caller stands in for; the nearest miss gives the reason.
   */
  may(identity: Identity, action: AccessAction, subject?: AccessSubject | StartSubject): Verdict {
    if (identity.kind === 'system' && !inScope(identity.scopes ?? [], action)) return { allowed: false, reason: 'scope' };
    // 《公务员法》第七十六条 公务员执行公务时,有下列情形之一的,应当回避:(一)涉及本人利害关系的. Standing in for another does not lift it.
    if (isNamed(identity.staffId, subject)) return { allowed: false, reason: 'recusal' };
    let nearest: RefusalReason = 'role';
    for (const place of placesOf(identity)) {
      const reason = this.refusal(place, action, subject);
      if (reason === undefined) return { allowed: true, reason: 'role', as: place };
      if (nearness.indexOf(reason) > nearness.indexOf(nearest)) nearest = reason;
    }
    return { allowed: false, reason: nearest };
  }

  /**
   * A filter on projection fields `organs`, `participants` and `namedStaff` that keeps exactly the cases for which `may(…, 'case.read')`;
   * null when there can be none, so that a list never shows what a read would refuse.
   */
  readable(identity: Identity): { readonly [field: string]: Json } | null {
    if (identity.kind === 'system' && !inScope(identity.scopes ?? [], 'case.read')) return null;
    const places = placesOf(identity).flatMap((place) => this.readableFrom(place));
    if (places.length === 0) return null;
    return { $and: [{ $or: places }, ...this.notNamed(identity.staffId)] };
  }

  /**
   * Whose delegations AB角 a caller may read, and change where `delegation.change` is the caller's: everybody's, those of officers of the own organ, or those
   * that the caller gives or holds. By the own roles only: whoever stands in for a head does not appoint deputies in the head's place.
   */
  delegationReach({ roles }: Pick<Identity, 'roles'>): 'all' | 'organ' | 'own' {
    if (roles.includes('administrator') || roles.includes('auditor')) return 'all';
    return roles.includes('leader') ? 'organ' : 'own';
  }

  private readableFrom(place: StandIn): Json[] {
    const held = place.roles.filter((role) => (readers as readonly Role[]).includes(role));
    if (held.length === 0) return [];
    if (held.includes('auditor')) return [{}];
    const ways: Json[] = [{ participants: place.id }];
    if (held.some((role) => role !== 'complainant')) ways.push({ organs: { $in: [place.organ, ...this.overseen(place)] } });
    return [{ $and: [{ $or: ways }, ...this.notNamed(place.staffId)] }];
  }

  private notNamed(staffId: string | undefined): Json[] {
    return staffId === undefined ? [] : [{ namedStaff: { $nin: [...this.marks(staffId)] } }];
  }

  private refusal(place: StandIn, action: AccessAction, subject: AccessSubject | StartSubject | undefined): RefusalReason | undefined {
    const rule: Rule = action.startsWith('action.') ? onAction : ruleOf<Rule>(rules, action) ?? nobody;
    if (isNamed(place.staffId, subject)) return 'recusal';
    const held = place.roles.filter((role) => this.entitled(rule, action, subject).includes(role));
    if (held.length === 0) return 'role';
    if (rule.where === 'any') return undefined;
    if (!isCase(subject)) return rule.where === 'listed' ? undefined : 'no-case';
    const reaching = held.filter((role) => this.reaches(role, place, subject, rule.where));
    if (reaching.length === 0) return 'organ';
    return action === 'step.answer' && !isAssigned(place, reaching, subject) ? 'not-yours' : undefined;
  }

  private entitled(rule: Rule, action: AccessAction, subject: AccessSubject | StartSubject | undefined): readonly Role[] {
    if (typeof rule.who === 'object') return rule.who;
    const definition = subject === undefined ? undefined : this.world.definitionOf(subject.caseType);
    const named = rule.who === 'starters' ? definition?.startedBy
      : rule.who === 'assignees' ? everyone
        : ruleOf(definition?.actions, action.slice('action.'.length))?.roles;
    // Whatever a definition says, who oversees or administers changes no case.
    return (named ?? []).filter((role) => role !== 'auditor' && role !== 'administrator');
  }

  private reaches(role: Role, place: StandIn, subject: AccessSubject, where: Rule['where']): boolean {
    if (role === 'auditor') return true;
    if (subject.participants.includes(place.id) || isGiven(place, subject)) return true;
    if (role === 'complainant') return false;
    if (subject.organs.includes(place.organ)) return true;
    const overseen = where === 'involved' ? [] : this.overseen({ ...place, roles: [role] });
    return subject.organs.some((organ) => overseen.includes(organ));
  }

  /** Organs under the holder of a role: for a leader those within the organ, for a supervisor those of the same government. */
  private overseen({ organ, roles }: StandIn): readonly string[] {
    const { tree } = this.world;
    if (!tree.has(organ)) return [];
    const tops = new Set<string>();
    if (roles.includes('leader')) tops.add(organ);
    const government = roles.includes('supervisor') && tree.get(organ).kind === 'supervision' ? tree.governmentOf(organ) : null;
    if (government !== null) tops.add(government);
    return [...tops].flatMap((top) => this.within(top));
  }

  private within(top: string): readonly string[] {
    const known = this.under.get(top);
    if (known !== undefined) return known;
    const organs = this.world.tree.all.map((organ) => organ.id).filter((id) => this.world.tree.isWithin(id, top));
    this.under.set(top, organs);
    return organs;
  }
}

/** From far to near: the last one that a caller meets is the one worth telling. */
const nearness: readonly RefusalReason[] = ['role', 'no-case', 'organ', 'not-yours', 'recusal'];

/** An action without a line in the table is nobody's. */
const nobody: Rule = { who: [], where: 'any' };

/** The caller's own place, then those of the ones it stands in for, without what cannot be stood in for; nor does a system hold what is a person's alone. */
function placesOf(identity: Identity): readonly StandIn[] {
  const others = (identity.standsInFor ?? []).map((other) => ({ ...other, roles: other.roles.filter((role) => !isSole(role)) }));
  const { id, organ, kind, staffId } = identity;
  const roles = kind === 'system' ? identity.roles.filter((role) => !isSole(role)) : identity.roles;
  return [{ id, organ, roles, ...(staffId === undefined ? {} : { staffId }) }, ...others];
}

function isNamed(staffId: string | undefined, subject: AccessSubject | StartSubject | undefined): boolean {
  return staffId !== undefined && (subject?.namedStaff?.includes(staffId) ?? false);
}

function isCase(subject: AccessSubject | StartSubject | undefined): subject is AccessSubject {
  return subject?.organs !== undefined && subject.participants !== undefined && subject.openSteps !== undefined;
}

/** Whether the step in question was given to this user by name. */
function isGiven(place: StandIn, subject: AccessSubject): boolean {
  return subject.step !== undefined && subject.openSteps.some((step) => step.id === subject.step && step.user === place.id);
}

/** One of the step's roles in its organ, or the one user it was given to; a complainant besides must be the one of the case. */
function isAssigned(place: StandIn, reaching: readonly Role[], subject: AccessSubject): boolean {
  const step = subject.openSteps.find((each) => each.id === subject.step);
  if (step === undefined) return false;
  if (step.user !== undefined) return step.user === place.id;
  return step.organ === place.organ && step.roles.some((role) => reaching.includes(role));
}

function ruleOf<T>(table: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}

/** `*` after a dot stands for the rest: `action.*`. What is for persons is in no scope. */
function inScope(scopes: readonly string[], action: string): boolean {
  if ((personsOnly as readonly string[]).includes(action)) return false;
  return scopes.some((scope) => scope === action || (scope.endsWith('.*') && action.startsWith(scope.slice(0, -1))));
}
