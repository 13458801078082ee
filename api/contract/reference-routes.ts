import { z } from 'zod';
import { text } from '../../domain/text';
import { CaseTypeDto } from './case-dto';
import { Day, Instant, Name, RoleDto, TextDto } from './common';
import { defineRoute } from './route';

const StandingInDto = z.strictObject({
  id: z.string().meta({ description: 'of the delegation, as at GET /v1/delegations' }), principal: z.string().meta({ description: 'A角: who is stood in for' }), deputy: z.string().meta({ description: 'B角: who stands in' }),
  roles: z.array(RoleDto).nullable().meta({ description: 'the roles stood in for; null for all that the principal holds' }), from: Day, until: Day,
  state: z.enum(['active', 'upcoming']), text: TextDto.meta({ description: 'the same in a sentence to you' }),
}).meta({ id: 'StandingIn' });

const MeDto = z.strictObject({
  id: z.string(), name: z.string(), organ: z.string(), roles: z.array(RoleDto), staffId: z.string().optional(),
  standsInFor: z.array(z.strictObject({ id: z.string(), organ: z.string(), roles: z.array(RoleDto) })).meta({ description: 'AB角: for whom you stand in today' }),
  delegations: z.array(StandingInDto).meta({ description: 'AB角 of today and to come, in which you stand in for another or another for you; the first to begin first' }),
  mustChangePassword: z.boolean(), mayStart: z.array(z.string()).meta({ description: 'case types you may start' }),
}).meta({ id: 'Me' });

const me = {
  id: 'department', name: '水务经办员甲', organ: 'yz-water', roles: ['department'], staffId: 'YZ1020', standsInFor: [{ id: 'leader.water', organ: 'yz-water', roles: ['leader'] }],
  delegations: [{
    id: '5d0f4c1e-0c39-4a53-9d0e-1f0a4c0f6f11', principal: 'leader.water', deputy: 'department', roles: null, from: '2026-10-09', until: '2026-10-16', state: 'active',
    text: { zh: '2026-10-09至2026-10-16,您代行水务局局长(leader.water)的职责', en: 'from 2026-10-09 to 2026-10-16 you stand in for 水务局局长 (leader.water)' },
  }],
  mustChangePassword: false, mayStart: [],
} as const;

const SessionDto = z.strictObject({ token: z.string(), tokenType: z.literal('Bearer'), expiresAt: Instant, user: MeDto }).meta({ id: 'Session' });

export const openSession = defineRoute({
  id: 'openSession', method: 'post', path: '/v1/sessions', tag: 'sessions',
  summary: text('登录', 'Log in'), auth: { kind: 'public' },
  body: z.strictObject({ username: z.string().min(1).max(120), password: z.string().min(1).max(400) }),
  bodyExample: { username: 'handler', password: 'wenze-demo' },
  responses: { 201: { description: 'Signed in; send the token as `Authorization: Bearer …`.', schema: SessionDto } },
  problems: ['bad-credentials', 'account-locked', 'store-unavailable'],
});

export const closeSession = defineRoute({
  id: 'closeSession', method: 'delete', path: '/v1/sessions/current', tag: 'sessions',
  summary: text('退出登录', 'Log out'), auth: { kind: 'signed-in' },
  responses: { 204: { description: 'The token is worth nothing any more.' } }, problems: [],
});

export const renewSession = defineRoute({
  id: 'renewSession', method: 'post', path: '/v1/sessions/current/renewal', tag: 'sessions',
  summary: text('续期登录', 'Renew the session'), description: 'A new token for the session of this one, so that nobody types a password twice a day.', auth: { kind: 'signed-in' },
  responses: { 201: { description: 'The new token.', schema: z.strictObject({ token: z.string(), tokenType: z.literal('Bearer'), expiresAt: Instant }) } },
  problems: ['session-expired'],
});

export const changePassword = defineRoute({
  id: 'changePassword', method: 'post', path: '/v1/me/password', tag: 'sessions',
  summary: text('修改密码', 'Change your password'), description: 'Ends every session of yours; log in again with the new password.', auth: { kind: 'signed-in' },
  body: z.strictObject({ old: z.string().min(1).max(400), wanted: z.string().min(1).max(400) }),
  bodyExample: { old: 'the old one', wanted: 'a long new phrase' },
  responses: { 204: { description: 'Changed.' } }, problems: ['password-not-changed'],
});

export const readMe = defineRoute({
  id: 'readMe', method: 'get', path: '/v1/me', tag: 'sessions',
  summary: text('我的身份', 'Who you are'), auth: { kind: 'signed-in' },
  description: 'With whom you stand in for and who stands in for you AB角, so that neither has to ask.',
  responses: { 200: { description: 'You.', schema: MeDto, example: me } }, problems: [],
});

export const listCaseTypes = defineRoute({
  id: 'listCaseTypes', method: 'get', path: '/v1/case-types', tag: 'reference',
  summary: text('案件类型', 'Case types'), description: 'Every case type with its steps, answers and the JSON Schema of each form.',
  auth: { kind: 'signed-in' },
  responses: { 200: { description: 'The case types.', schema: z.strictObject({ items: z.array(CaseTypeDto) }) } }, problems: [],
});

const OrganDto = z.strictObject({
  id: z.string(), title: TextDto, level: z.string(), superior: z.string().nullable(), kind: z.string(), functions: z.array(z.string()),
}).meta({ id: 'Organ' });

export const listOrgans = defineRoute({
  id: 'listOrgans', method: 'get', path: '/v1/organs', tag: 'reference',
  summary: text('机构', 'Organs'), auth: { kind: 'signed-in' },
  query: z.object({ under: Name.optional().meta({ description: 'only this organ and those below it' }), function: Name.optional().meta({ description: 'only those competent for a matter 归口管理' }) }),
  responses: { 200: { description: 'The organ tree, superiors first.', schema: z.strictObject({ items: z.array(OrganDto) }) } }, problems: [],
});

const Html = z.string();
export const readOpenApi = defineRoute({
  id: 'readOpenApi', method: 'get', path: '/openapi.json', tag: 'service',
  summary: text('接口文档', 'This document'), auth: { kind: 'public' },
  responses: { 200: { description: 'OpenAPI 3.1.', schema: z.record(z.string(), z.unknown()) } }, problems: [],
});
export const readDocs = defineRoute({
  id: 'readDocs', method: 'get', path: '/docs', tag: 'service',
  summary: text('接口文档页面', 'This document, to read and try'), auth: { kind: 'public' },
  responses: { 200: { description: 'A page.', schema: Html, contentType: 'text/html' } }, problems: [],
});
export const readProblems = defineRoute({
  id: 'readProblems', method: 'get', path: '/docs/problems', tag: 'service',
  summary: text('错误代码说明', 'The problem codes'), auth: { kind: 'public' },
  responses: { 200: { description: 'A page.', schema: Html, contentType: 'text/html' } }, problems: [],
});
export const readHealth = defineRoute({
  id: 'readHealth', method: 'get', path: '/healthz', tag: 'service',
  summary: text('存活', 'Whether the process lives'), auth: { kind: 'public' },
  responses: { 200: { description: 'It lives.', schema: z.strictObject({ status: z.literal('ok') }) } }, problems: [],
});
const Readiness = z.strictObject({ status: z.enum(['ready', 'not-ready']), temporal: z.enum(['ok', 'away']), mongodb: z.enum(['ok', 'away']) }).meta({ id: 'Readiness' });
export const readReadiness = defineRoute({
  id: 'readReadiness', method: 'get', path: '/readyz', tag: 'service',
  summary: text('就绪', 'Whether Temporal and MongoDB answer'), auth: { kind: 'public' },
  responses: { 200: { description: 'Both answer.', schema: Readiness }, 503: { description: 'One is away.', schema: Readiness } }, problems: [],
});
export const readMetrics = defineRoute({
  id: 'readMetrics', method: 'get', path: '/metrics', tag: 'service',
  summary: text('指标', 'Prometheus metrics'), auth: { kind: 'public' },
  responses: { 200: { description: 'Prometheus text.', schema: z.string(), contentType: 'text/plain' } }, problems: [],
});
