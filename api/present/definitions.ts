import { z } from 'zod';
import { ActionFields, actionNames, actionTitles, findStep, type ActionName, type CaseDefinition } from '../../domain/case-definition';
import type { JsonObject } from '../../domain/json';
import type { Role } from '../../domain/roles';
import { text, type Text } from '../../domain/text';

/** A JSON Schema (2020-12) of what a contract takes; custom rules that JSON Schema cannot say are left to the refusal. */
export function jsonSchemaOf(schema: z.ZodType): JsonObject {
  return withoutDialect(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonObject);
}

const withoutDialect = ({ $schema: _dialect, ...schema }: JsonObject): JsonObject => schema;

interface Forms {
  readonly intake: JsonObject;
  readonly answers: Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;
}

/** The case types an API serves, with the JSON Schema of every form, made once. */
export class Definitions {
  private readonly byType: ReadonlyMap<string, CaseDefinition>;
  private readonly forms: ReadonlyMap<string, Forms>;
  readonly actionForms: Readonly<Record<ActionName, JsonObject>>;

  constructor(readonly all: readonly CaseDefinition[]) {
    this.byType = new Map(all.map((definition) => [definition.type, definition]));
    this.forms = new Map(all.map((definition) => [definition.type, formsOf(definition)]));
    this.actionForms = Object.fromEntries(actionNames.map((name) => [name, jsonSchemaOf(ActionFields[name])])) as Record<ActionName, JsonObject>;
  }

  find(type: string): CaseDefinition | undefined {
    return this.byType.get(type);
  }

  /** Schema of the intake. */
  intakeForm(type: string): JsonObject {
    return this.forms.get(type)?.intake ?? {};
  }

  /** Schema of the fields of an answer; for the kit's own steps as well. */
  answerForm(definition: CaseDefinition, step: string, answer: string): JsonObject {
    const own = this.forms.get(definition.type)?.answers[step]?.[answer];
    if (own !== undefined) return own;
    const fields = findStep(definition, step)?.answers[answer]?.fields;
    return fields === undefined ? {} : jsonSchemaOf(fields);
  }

  title(type: string): Text {
    return this.byType.get(type)?.title ?? text(type, type);
  }

  stageTitle(type: string, stage: string): Text {
    if (stage === 'closed') return text('已办结', 'closed');
    return this.byType.get(type)?.stages[stage] ?? text(stage, stage);
  }

  stepTitle(type: string, step: string): Text {
    const definition = this.byType.get(type);
    return (definition === undefined ? undefined : findStep(definition, step)?.title) ?? text(step, step);
  }

  outcomeTitle(type: string, outcome: string): Text {
    return this.byType.get(type)?.outcomes[outcome] ?? text(outcome, outcome);
  }

  /** A definition as the console and other clients read it. */
  describe(definition: CaseDefinition, mayStart: boolean) {
    return {
      type: definition.type, prefix: definition.prefix, title: { ...definition.title }, sources: [...definition.sources],
      startedBy: [...definition.startedBy], mayStart, intake: this.intakeForm(definition.type),
      stages: copy(definition.stages), outcomes: copy(definition.outcomes),
      clocks: Object.fromEntries(Object.entries(definition.clocks).map(([name, clock]) => [name, { title: { ...clock.title }, limit: clock.limit }])),
      steps: Object.entries(definition.steps).map(([step, own]) => ({
        step, title: { ...own.title }, stage: own.stage, actors: [...own.actors], limit: own.limit ?? null, clock: own.clock ?? null,
        answers: Object.entries(own.answers).map(([answer, each]) => ({ answer, title: { ...each.title }, fields: this.answerForm(definition, step, answer) })),
      })),
      actions: actionNames.flatMap((action) => {
        const rule = definition.actions[action];
        return rule === undefined ? [] : [{ action, title: { ...actionTitles[action] }, roles: [...rule.roles] as Role[], fields: this.actionForms[action] }];
      }),
    };
  }
}

function formsOf(definition: CaseDefinition): Forms {
  return {
    intake: jsonSchemaOf(definition.intake),
    answers: Object.fromEntries(Object.entries(definition.steps).map(([step, own]) => [
      step, Object.fromEntries(Object.entries(own.answers).map(([answer, each]) => [answer, jsonSchemaOf(each.fields)])),
    ])),
  };
}

const copy = (titles: Readonly<Record<string, Text>>): Record<string, { zh: string; en: string }> =>
  Object.fromEntries(Object.entries(titles).map(([key, title]) => [key, { ...title }]));
