import { z } from 'zod';
import { ActionFields, actionNames, actionTitles, checkFields, defineCase, findStep, kitSteps, Reasons, Remark, stepNameOf, type CaseDefinition } from '../../domain/case-definition';
import { caseDefinitions, getCaseDefinition, UnknownCaseType } from '../../domain/cases/registry';
import { isRole } from '../../domain/roles';
import { text } from '../../domain/text';
import { loadLaw } from '../../policy/load';
import * as workflows from '../../workflows';

const law = loadLaw();
const steps = caseDefinitions.flatMap((definition) => Object.entries(definition.steps).map(([name, step]) => ({ id: `${definition.type}/${name}`, definition, name, step })));

test('type, prefix and workflow of every case type are its own', () => {
  for (const pick of [(each: CaseDefinition) => each.type, (each: CaseDefinition) => each.prefix, (each: CaseDefinition) => each.workflow]) {
    const all = caseDefinitions.map(pick);
    expect(new Set(all).size).toBe(all.length);
  }
  for (const { prefix } of caseDefinitions) expect(prefix).toMatch(/^[A-Z]{2,}$/);
});

test('every case type has an exported workflow, and every exported workflow a case type', () => {
  expect(Object.keys(workflows).sort()).toEqual(caseDefinitions.map((definition) => definition.workflow).sort());
});

test.each(steps)('$id: its limit is an entry of the policy, or its clock one of the case', ({ definition, step }) => {
  if (step.limit !== undefined) expect(law.limit(step.limit, law.current.policyVersion).id).toBe(step.limit);
  if (step.clock !== undefined) expect(Object.keys(definition.clocks)).toContain(step.clock);
  expect([step.limit, step.clock].filter((each) => each !== undefined).length).toBeLessThanOrEqual(1);
});

test('the limits of case clocks and of the steps every case has are entries of the policy', () => {
  const limits = [...caseDefinitions.flatMap((definition) => Object.values(definition.clocks).map((clock) => clock.limit)), ...Object.values(kitSteps).map((step) => step.limit)];
  for (const limit of limits) expect(law.limit(limit, law.current.policyVersion).id).toBe(limit);
});

test('a limit whose ladder lapses belongs to a step: a clock without a step would lapse nothing', () => {
  const clocks = caseDefinitions.flatMap((definition) => Object.values(definition.clocks).map((clock) => clock.limit));
  for (const limit of clocks) expect(law.limit(limit, law.current.policyVersion).ladder.map((rung) => rung.effect)).not.toContain('lapse');
});

test.each(steps)('$id: has actors, a title in both languages, and at least one answer', ({ step }) => {
  expect(step.actors.length).toBeGreaterThan(0);
  expect(step.actors.every(isRole)).toBe(true);
  for (const title of [step.title, ...Object.values(step.answers).map((answer) => answer.title)]) expect([title.zh, title.en]).toEqual([expect.stringMatching(/\S/), expect.stringMatching(/\S/)]);
  expect(Object.keys(step.answers).length).toBeGreaterThan(0);
  expect(Object.keys(step.answers)).not.toContain('lapsed');
});

test.each(steps)('$id: its name can stand in a route, and a key can be put behind it', ({ name }) => {
  expect(name).toMatch(/^[a-z][a-z-]*$/);
  expect(stepNameOf(`${name}.yz-water`)).toBe(name);
});

test.each(caseDefinitions.map((definition) => [definition.type, definition] as const))('%s: every stage is that of a step', (_type, definition) => {
  const used = new Set(Object.values(definition.steps).map((step) => step.stage));
  expect(Object.keys(definition.stages).filter((stage) => !used.has(stage))).toEqual([]);
});

test('intakes, answers and actions can be shown as JSON schema', () => {
  const schemas = [
    ...caseDefinitions.map((definition) => definition.intake), ...Object.values(ActionFields),
    ...steps.flatMap(({ step }) => Object.values(step.answers).map((answer) => answer.fields)),
  ];
  for (const schema of schemas) expect(z.toJSONSchema(schema, { io: 'input' })).toMatchObject({ type: 'object' });
});

test('every case type can be withdrawn, noted and given evidence, and each action says who may', () => {
  for (const { actions } of caseDefinitions) {
    expect(Object.keys(actions)).toEqual(expect.arrayContaining(['suspend', 'resume', 'extend', 'reassign', 'withdraw', 'note', 'evidence']));
    for (const rule of Object.values(actions)) expect(rule.roles.length).toBeGreaterThan(0);
  }
  expect(Object.keys(actionTitles).sort()).toEqual([...actionNames].sort());
});

describe('a definition that cannot work is refused where it is made', () => {
  const step = { title: text('办理', 'handling'), stage: 'one', actors: ['handler'], answers: { done: { title: text('完成', 'done'), fields: Remark } } } as const;
  const toy = (extra: Partial<CaseDefinition>): CaseDefinition => ({
    type: 'toy', prefix: 'TY', title: text('试', 'toy'), sources: [], workflow: 'toy', intake: z.strictObject({}), startedBy: ['handler'],
    stages: { one: text('一', 'one') }, clocks: {}, steps: { handle: step }, actions: {}, outcomes: {},
    summarise: () => ({ subject: 'toy', organs: [], persons: [], leadOrgan: 'yz-gov' }), ...extra,
  });

  test('a stage that is not declared', () => {
    expect(() => defineCase(toy({ steps: { handle: { ...step, stage: 'two' } } }))).toThrow('toy: step "handle" names the stage "two", which is not declared');
  });
  test('a clock that is not declared', () => {
    expect(() => defineCase(toy({ steps: { handle: { ...step, clock: 'all' } } }))).toThrow('toy: step "handle" names the clock "all", which is not declared');
  });
  test('a step with the name of one every case has', () => {
    expect(() => defineCase(toy({ steps: { extension: step } }))).toThrow('"extension" is the name of a step every case has');
  });
  test('a step with a limit of its own and the name of a clock of the case', () => {
    expect(() => defineCase(toy({ clocks: { handle: { title: text('总', 'all'), limit: 'complaint.handle' } }, steps: { handle: { ...step, limit: 'complaint.handle' } } }))).toThrow('would replace the other');
  });
  test('a sound one is given back as it is', () => {
    const sound = toy({});
    expect(defineCase(sound)).toBe(sound);
  });
});

test('a case type is found by its name; an unknown one names itself', () => {
  expect(getCaseDefinition('complaint').prefix).toBe('TS');
  expect(() => getCaseDefinition('wish')).toThrow(UnknownCaseType);
  expect(() => getCaseDefinition('wish')).toThrow('no case type "wish"');
});

test('steps are found among the type\'s own and those of every case, and nowhere else', () => {
  const definition = getCaseDefinition('complaint');
  expect(findStep(definition, 'route')?.stage).toBe('routing');
  expect(findStep(definition, 'extension')?.actors).toEqual(['approver', 'leader']);
  expect(findStep(definition, 'toString')).toBeUndefined();
});

test('a refusal of fields names the path of each', () => {
  expect(checkFields(Reasons, { reasons: '' })).toMatchObject({ ok: false, issues: [{ path: 'reasons' }] });
  expect(checkFields(Reasons, { reasons: '有据', more: 1 })).toMatchObject({ ok: false, issues: [{ path: '' }] });
  expect(checkFields(Reasons, { reasons: '有据' })).toEqual({ ok: true, value: { reasons: '有据' } });
});

test('a reassignment names a user, an organ, or both', () => {
  expect(checkFields(ActionFields.reassign, { step: 'route', reasons: '回避' })).toMatchObject({ ok: false, issues: [{ path: 'user' }] });
  expect(checkFields(ActionFields.reassign, { step: 'route', organ: 'yz-gov', reasons: '回避' }).ok).toBe(true);
});
