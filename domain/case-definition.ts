import { z } from 'zod';
import type { Json } from './json';
import type { OrganId } from './organs';
import type { Person } from './person';
import type { Role } from './roles';
import { text, type Text } from './text';

/** What anyone may do to a case in any step that allows it; the kit carries them out, once for every case type. */
export const actionNames = ['suspend', 'resume', 'extend', 'reassign', 'withdraw', 'merge', 'note', 'evidence'] as const;
export type ActionName = (typeof actionNames)[number];

/** One permitted answer to a step, with the fields it must carry. */
export interface AnswerDefinition<Fields extends z.ZodType = z.ZodType> {
  readonly title: Text;
  readonly fields: Fields;
}

/** A step 环节: who acts, what they may answer, which limit it runs under. */
export interface StepDefinition {
  readonly title: Text;
  /** The stage the case is in while this step is open. */
  readonly stage: string;
  /** Any one of these roles, in the organ the workflow names, may answer. */
  readonly actors: readonly Role[];
  readonly answers: Readonly<Record<string, AnswerDefinition>>;
  /** The policy entry of the step's own clock; a step without one runs under the case clock named by `clock`. */
  readonly limit?: string;
  readonly clock?: string;
  /** A return for correction does not stop the clock: opening the step anew takes up the old clock as if it had never stopped. */
  readonly returnKeepsClock?: boolean;
  /** Actions refused while this step is the open one. */
  readonly refuses?: readonly ActionName[];
}

/** Who may take an action on a case of this type. */
export interface ActionRule {
  readonly roles: readonly Role[];
}

/** A clock of the case as a whole, running across several steps. */
export interface ClockDefinition {
  readonly title: Text;
  readonly limit: string;
}

/** What every intake tells the rest of the system about itself. */
export interface IntakeSummary {
  /** One line of what it is about 事由; confidential. */
  readonly subject: string;
  /** Organs concerned from the start. */
  readonly organs: readonly OrganId[];
  /** Persons concerned 当事人 named at the start. */
  readonly persons: readonly Person[];
  /** The organ in charge of the case at the start. */
  readonly leadOrgan: OrganId;
}

/** The whole of a case type but its procedure: from this come routes, forms, OpenAPI, the roles check and the conformance check. */
export interface CaseDefinition {
  readonly type: string;
  /** Two or more capital letters before the year in the case number. */
  readonly prefix: string;
  readonly title: Text;
  /** Where the procedure comes from: the documents and statutes. */
  readonly sources: readonly string[];
  /** Name of the exported workflow function. */
  readonly workflow: string;
  readonly intake: z.ZodType;
  readonly startedBy: readonly Role[];
  /** Somebody outside the government brought it, and is answered in writing: replies, extensions, the leading case's answer. */
  readonly hasComplainant?: boolean;
  readonly stages: Readonly<Record<string, Text>>;
  readonly steps: Readonly<Record<string, StepDefinition>>;
  readonly clocks: Readonly<Record<string, ClockDefinition>>;
  readonly actions: Partial<Readonly<Record<ActionName, ActionRule>>>;
  readonly outcomes: Readonly<Record<string, Text>>;
  readonly summarise: (intake: never, startedBy: { readonly organ: OrganId }) => IntakeSummary;
}

export type IntakeOf<D extends CaseDefinition> = z.output<D['intake']>;
export type StepName<D extends CaseDefinition> = keyof D['steps'] & string;
export type OutcomeOf<D extends CaseDefinition> = keyof D['outcomes'] & string;
export type ClockName<D extends CaseDefinition> = keyof D['clocks'] & string;

/** Who did something: an officer or a system at the door, or the law's own timer. */
export interface Actor {
  readonly kind: 'user' | 'system' | 'timer';
  readonly id: string;
  readonly organ?: OrganId;
  readonly roles: readonly Role[];
  readonly staffId?: string;
  /** Set when the actor stands in for another under a recorded delegation AB角. */
  readonly onBehalfOf?: string;
  /** Staff id of that one, for recusal reaches whoever acts in the place of somebody named. */
  readonly onBehalfOfStaffId?: string;
}

/** The answers a step can come back with: each with its own fields; `lapsed` where the ladder of its limit ends in a lapse. */
export type StepAnswer<S extends StepDefinition> =
  | { [A in keyof S['answers'] & string]: { readonly answer: A; readonly by: Actor; readonly at: number; readonly fields: z.output<S['answers'][A]['fields']> } }[keyof S['answers'] & string]
  | { readonly answer: 'lapsed'; readonly by: Actor; readonly at: number; readonly fields: Record<string, never> };

/** Keeps the literal types of a definition, so that a procedure is checked against its own steps and answers. */
export function defineCase<const D extends CaseDefinition>(definition: D): D {
  for (const [name, step] of Object.entries(definition.steps)) {
    if (!(step.stage in definition.stages)) throw new Error(`${definition.type}: step "${name}" names the stage "${step.stage}", which is not declared`);
    if (step.clock !== undefined && !(step.clock in definition.clocks)) throw new Error(`${definition.type}: step "${name}" names the clock "${step.clock}", which is not declared`);
    if (step.limit !== undefined && name in definition.clocks) throw new Error(`${definition.type}: step "${name}" has a limit of its own and the name of a clock of the case: the one would replace the other`);
    if (name in kitSteps) throw new Error(`${definition.type}: "${name}" is the name of a step every case has`);
  }
  return definition;
}

/** An answer that carries nothing but, if wanted, a remark. */
export const Remark = z.strictObject({ remark: z.string().max(4000).optional() });
/** A return or refusal always says why. */
export const Reasons = z.strictObject({ reasons: z.string().min(1).max(4000) });

/** Steps every case has, opened by the actions of the kit. */
export const kitSteps = {
  /** An extension is asked for by the handler and granted by the role its policy entry names, as a rule the head of the organ (信访工作条例 34). */
  extension: {
    title: text('延期审批', 'approval of an extension'),
    stage: '',
    actors: ['approver', 'leader'],
    limit: 'extension.approve',
    answers: {
      approve: { title: text('同意延期', 'approve'), fields: Remark },
      refuse: { title: text('不同意延期', 'refuse'), fields: Reasons },
    },
  },
} as const satisfies Readonly<Record<string, StepDefinition>>;

/** The definition of a step of this case type, or of one that every case has. */
export function findStep(definition: CaseDefinition, name: string): StepDefinition | undefined {
  return Object.hasOwn(definition.steps, name) ? definition.steps[name]
    : Object.hasOwn(kitSteps, name) ? (kitSteps as Record<string, StepDefinition>)[name] : undefined;
}

/** `explain.yz-water` → `explain`: instances of one step, opened side by side, carry a key after the first dot. */
export const stepNameOf = (stepId: string): string => stepId.split('.', 1)[0] ?? stepId;

/** Field contracts of the actions; the action's name is in the path. */
export const ActionFields = {
  suspend: z.strictObject({
    ground: z.string().min(1).max(80).meta({ description: 'a pause ground of the limit, such as `hearing`' }),
    reasons: z.string().min(1).max(4000),
    clock: z.string().max(120).optional().meta({ description: 'one clock; left out, every running clock that knows the ground' }),
  }),
  resume: z.strictObject({ clock: z.string().max(120).optional(), remark: z.string().max(4000).optional() }),
  extend: z.strictObject({
    clock: z.string().max(120).optional().meta({ description: 'the clock to extend; may be left out when only one can be' }),
    by: z.strictObject({ amount: z.int().min(1).max(400), unit: z.enum(['working-day', 'calendar-day', 'month']) }),
    reasons: z.string().min(1).max(4000),
  }),
  reassign: z.strictObject({
    step: z.string().min(1).max(120),
    user: z.string().min(1).max(80).optional(),
    organ: z.string().min(1).max(80).optional(),
    reasons: z.string().min(1).max(4000),
  }).refine((to) => to.user !== undefined || to.organ !== undefined, { message: 'name a user, an organ, or both', path: ['user'] }),
  withdraw: z.strictObject({ reasons: z.string().min(1).max(4000) }),
  merge: z.strictObject({ into: z.string().min(5).max(40).meta({ description: 'case number of the leading case' }), reasons: z.string().min(1).max(4000) }),
  note: z.strictObject({ text: z.string().min(1).max(20_000) }),
  evidence: z.strictObject({
    title: z.string().min(1).max(300),
    description: z.string().max(20_000).optional(),
    documentId: z.string().max(80).optional(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hexadecimal').optional(),
  }),
} as const satisfies Readonly<Record<ActionName, z.ZodType>>;

/** Titles of the actions, for forms and details. */
export const actionTitles: Readonly<Record<ActionName, Text>> = {
  suspend: text('中止计时', 'suspend'),
  resume: text('恢复计时', 'resume'),
  extend: text('申请延期', 'ask for an extension'),
  reassign: text('改派', 'reassign'),
  withdraw: text('撤回', 'withdraw'),
  merge: text('并案', 'merge'),
  note: text('附注', 'note'),
  evidence: text('补充证据', 'add evidence'),
};

/** How a zod refusal reads on the wire: the path of the field and a sentence. */
export interface FieldIssue {
  readonly path: string;
  readonly message: string;
}

/** Checks a value against a contract. Gives the parsed value, or the issues by field path; never throws. */
export function checkFields<S extends z.ZodType>(schema: S, value: unknown): { ok: true; value: z.output<S> } | { ok: false; issues: FieldIssue[] } {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  return { ok: false, issues: parsed.error.issues.map((issue) => ({ path: issue.path.map(String).join('.'), message: issue.message })) };
}

/** A parsed value is JSON by construction of the contracts (no dates, maps or functions in them). */
export const asJson = (value: unknown): Json => value as Json;
