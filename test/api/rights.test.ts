import { routes, type RouteContract } from '../../api/contract';
import { createAccess } from '../../api/identity';
import { subjectOf } from '../../api/present/case';
import type { Identity } from '../../domain/identity';
import { caseDefinitions } from '../../domain/cases/registry';
import { roles, type Role } from '../../domain/roles';
import { demoOrganTree, demoUsers } from '../../policy/demo';
import { incident } from '../support/intakes';
import { TestSystem } from '../support/system';

let system: TestSystem;
let caseNumber: string;
beforeAll(async () => {
  system = await TestSystem.start();
  caseNumber = await (await system.as('handler')).startCase('incident-review', incident);
}, 120_000);
afterAll(async () => { await system.stop(); });

const user = (role: Role): Identity => {
  const found = demoUsers().find((each) => each.id === role);
  if (found === undefined) throw new Error(`no demo user ${role}`);
  return { id: found.id, kind: 'user', name: found.name, organ: found.organ, roles: found.roles, ...(found.staffId === null ? {} : { staffId: found.staffId }) };
};

/** What a route is asked with: enough to get past the door, not enough to change anything, so that only the rights decide between 403 and the rest. */
function requestFor(route: RouteContract): { path: string; body?: string } {
  const path = route.path.replace('{type}', 'incident-review').replace('{caseNumber}', caseNumber).replace('{step}', 'explain.yz-water').replace('{action}', 'note');
  if (route.body === undefined) return { path };
  if (route.id === 'answerStep') return { path, body: JSON.stringify({ answer: 'explain', managementSystem: { missing: true, statement: '缺' }, measures: { appropriate: true, statement: '当' }, responsibility: { sound: true, statement: '全' } }) };
  if (route.id === 'takeAction') return { path, body: JSON.stringify({ text: '附注' }) };
  return { path, body: '{}' };
}

describe.each(roles)('%s', (role) => {
  it.each(routes.filter((route) => route.auth.kind === 'action').map((route) => [route.id, route] as const))('is let through to %s exactly when the rules say so', async (_id, route) => {
    const access = createAccess({ definitions: caseDefinitions, tree: demoOrganTree(), keyring: system.keyring });
    const view = await system.store.cases.findView(caseNumber);
    if (route.auth.kind !== 'action' || view === null) throw new Error('no such rule or case');
    const action = route.auth.action === 'action.{action}' ? 'action.note' : route.auth.action;
    const open = view.openSteps.some((step) => step.id === 'explain.yz-water');
    const subject = action === 'case.start' ? { caseType: 'incident-review' } : route.auth.onCase === true ? subjectOf(view, action === 'step.answer' ? 'explain.yz-water' : undefined) : undefined;
    const reads = route.auth.onCase !== true || action === 'case.start' || access.may(user(role), 'case.read', subjectOf(view)).allowed;
    const allowed = reads && (action === 'step.answer' && !open ? true : access.may(user(role), action, subject).allowed);
    const { path, body } = requestFor(route);
    const answer = await system.raw(role, route.method.toUpperCase(), path, body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } });
    expect({ role, route: route.id, refused: answer.status === 403 }).toEqual({ role, route: route.id, refused: !allowed });
    expect(answer.status).toBeLessThan(500);
    expect(Object.keys(route.responses).map(Number).concat([400, 403, 404, 409])).toContain(answer.status);
  });
});
