import { contract, routes, type RouteContract } from '../../api/contract';
import { problemsOf } from '../../api/contract/route';
import { openApiDocument } from '../../api/docs/openapi';
import { Definitions } from '../../api/present/definitions';
import { problemTable } from '../../api/problems';
import { AccessRules, staticActions } from '../../domain/access';
import { actionNames } from '../../domain/case-definition';
import { caseDefinitions } from '../../domain/cases/registry';
import { roles, type Role } from '../../domain/roles';
import { demoOrganTree } from '../../policy/demo';

type Doc = { readonly [key: string]: unknown };
const document = openApiDocument(new Definitions(caseDefinitions), demoOrganTree().all.map((organ) => organ.id)) as { openapi: string; paths: Record<string, Record<string, Operation>>; components: Doc };
interface Operation { readonly operationId: string; readonly summary: string; readonly security: readonly Doc[]; readonly responses: Record<string, { description: string; content?: Record<string, Doc> }>; readonly requestBody?: Doc; readonly parameters?: readonly { name: string; in: string }[] }
const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));

describe('every route of the contract', () => {
  it.each(routes.map((route) => [route.id, route] as const))('%s has a rule, documented answers and a sentence in both languages', (id, route) => {
    expect(contract[id as keyof typeof contract].id).toBe(id);
    expect(Object.keys(route.responses).length).toBeGreaterThan(0);
    expect(route.summary.zh).not.toBe('');
    expect(route.summary.en).not.toBe('');
    if (route.auth.kind === 'action') {
      const { action } = route.auth;
      expect([...staticActions, 'action.{action}']).toContain(action);
    }
    for (const code of problemsOf(route)) expect(problemTable).toHaveProperty(code);
    const params = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    expect(Object.keys(route.params?.shape ?? {})).toEqual(params);
  });

  it('is public only where it must be', () => {
    expect(routes.filter((route) => route.auth.kind === 'public').map((route) => route.id).sort())
      .toEqual(['computeDeadline', 'openCodecSession', 'openSession', 'readCodecLogin', 'readDocs', 'readHealth', 'readMetrics', 'readOpenApi', 'readProblems', 'readReadiness']);
  });
});

describe('who may call what', () => {
  const rules = new AccessRules({ tree: demoOrganTree(), definitionOf: (type) => caseDefinitions.find((each) => each.type === type) });
  /** An officer of yz-water, where an open step of an incident waits for a department officer or a leader. */
  const onCase = {
    caseType: 'incident-review', organs: ['yz-water'], participants: [], namedStaff: [],
    openSteps: [{ id: 'explain.yz-water', roles: ['department', 'leader'] as Role[], organ: 'yz-water' }], step: 'explain.yz-water',
  };
  const allowed = (route: RouteContract, role: Role): boolean => {
    if (route.auth.kind !== 'action') return true;
    const identity = { id: role, kind: 'user', name: role, organ: 'yz-water', roles: [role] } as const;
    const actions = route.auth.action === 'action.{action}' ? actionNames.map((name) => `action.${name}` as const) : [route.auth.action];
    return actions.some((action) => rules.may(identity, action, action === 'case.start' ? { caseType: 'complaint' } : onCase).allowed);
  };

  it('is this table, route by role', () => {
    const table = Object.fromEntries(routes.filter((route) => route.auth.kind === 'action').map((route) => [route.id, roles.filter((role) => allowed(route, role)).join(' ')]));
    const officers = 'handler reviewer approver supervisor referrer department leader personnel';
    expect(table).toMatchObject({
      startCase: 'handler supervisor department',
      getCase: `${officers} auditor`,
      listEvents: `${officers} auditor`,
      answerStep: 'department leader',
      takeAction: 'handler reviewer approver supervisor department leader',
      listCases: `${officers} auditor complainant`,
      readInbox: `${officers} auditor complainant`,
      listNotices: `${officers} auditor complainant`,
      readStats: `${officers} auditor`,
      createApiKey: 'administrator',
      listApiKeys: 'administrator',
      revokeApiKey: 'administrator',
      createDelegation: `${officers} administrator`,
      listDelegations: `${officers} auditor administrator`,
      endDelegation: `${officers} administrator`,
    });
    expect(Object.values(table)).not.toContain('');
  });

  it('the auditor changes nothing and the administrator sees no case', () => {
    const changing = routes.filter((route) => route.auth.kind === 'action' && route.method !== 'get');
    expect(changing.filter((route) => allowed(route, 'auditor')).map((route) => route.id)).toEqual([]);
    const onCases = routes.filter((route) => route.auth.kind === 'action' && route.path.startsWith('/v1/cases'));
    expect(onCases.filter((route) => allowed(route, 'administrator')).map((route) => route.id)).toEqual([]);
  });
});

describe('the OpenAPI document', () => {
  it('has every route, one operation each, and one address per case type', () => {
    expect(document.openapi).toBe('3.1.0');
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const route of routes) {
      if (route.id === 'startCase') for (const { type } of caseDefinitions) expect(ids).toContain(`startCase.${type}`);
      else if (route.id === 'takeAction') for (const name of actionNames) expect(ids).toContain(`takeAction.${name}`);
      else expect(ids).toContain(route.id);
    }
  });

  it('has no two addresses that differ only in the names of their parameters', () => {
    const shapes = Object.keys(document.paths).map((path) => path.replaceAll(/\{\w+\}/g, '{}'));
    expect(new Set(shapes).size).toBe(shapes.length);
  });

  it('refers only to what is there', () => {
    const missing: string[] = [];
    const walk = (value: unknown): void => {
      if (Array.isArray(value)) value.forEach(walk);
      else if (typeof value === 'object' && value !== null) {
        for (const [key, item] of Object.entries(value)) {
          if (key === '$ref' && typeof item === 'string') {
            const target = item.split('/').slice(1).reduce<unknown>((at, part) => (at as Doc | undefined)?.[part], document);
            if (target === undefined) missing.push(item);
          } else walk(item);
        }
      }
    };
    walk(document);
    expect(missing).toEqual([]);
  });

  it.each(operations.map(({ path, method, operation }) => [`${method} ${path}`, operation] as const))('%s documents its answers, each error as a problem', (_name, operation) => {
    expect(operation.summary).not.toBe('');
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['500']));
    for (const [status, response] of Object.entries(operation.responses)) {
      expect(response.description).not.toBe('');
      // Readiness says in its own words what is away.
      if (Number(status) >= 400 && operation.operationId !== 'readReadiness') expect(response.content).toHaveProperty(['application/problem+json']);
    }
    // A part of an address may always name nothing, if only by its form.
    if (operation.parameters?.some((parameter) => parameter.in === 'path') === true) expect(operation.responses).toHaveProperty(['404']);
    if (operation.security.length > 0) expect(operation.responses).toHaveProperty(['401']);
  });

  it('shows the form of every answer of every step', () => {
    const schema = document.paths['/v1/cases/{caseNumber}/steps/{step}']?.['post']?.requestBody as { content: Record<string, { schema: { anyOf: { title: string; required: string[] }[] } }> };
    const forms = schema.content['application/json']?.schema.anyOf ?? [];
    const wanted = caseDefinitions.flatMap((definition) => Object.entries(definition.steps).flatMap(([step, own]) => Object.keys(own.answers).map((answer) => `${definition.type}: ${step} → ${answer}`)));
    expect(forms.map((form) => form.title)).toEqual(expect.arrayContaining(wanted));
    for (const form of forms) expect(form.required).toContain('answer');
  });
});
