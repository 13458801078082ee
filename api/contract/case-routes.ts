import { z } from 'zod';
import { actionNames } from '../../domain/case-definition';
import { text } from '../../domain/text';
import { CaseDto, CaseListDto, EventListDto, InboxDto, NoticeListDto, ReceiptDto, StartedDto, StatsDto } from './case-dto';
import { CaseNumberParams, IdempotencyHeaders, MessageHeaders, Name, Page } from './common';
import { defineRoute } from './route';

const AnyFields = z.record(z.string(), z.unknown());

export const startCase = defineRoute({
  id: 'startCase', method: 'post', path: '/v1/cases/{type}', tag: 'cases',
  summary: text('立案', 'Start a case'),
  description: 'The body is the intake of the case type. The case is in the workflow engine\'s history before this answers.',
  auth: { kind: 'action', action: 'case.start', onCase: true },
  params: z.object({ type: Name }), headers: IdempotencyHeaders, body: AnyFields,
  responses: {
    201: {
      description: 'The case has begun.', schema: StartedDto, example: { caseNumber: 'JT-2026-000001', type: 'incident-review' },
      headers: z.object({
        location: z.string().meta({ description: 'address of the case' }),
        'idempotency-replayed': z.literal('true').optional().meta({ description: 'present when this key had started the case before' }),
      }),
    },
  },
  problems: ['unknown-case-type', 'idempotency-key-reused', 'engine-unavailable'],
});

export const getCase = defineRoute({
  id: 'getCase', method: 'get', path: '/v1/cases/{caseNumber}', tag: 'cases',
  summary: text('查看案件', 'Read a case'),
  description: 'Stage, open steps with due dates and allowed answers, persons, linked cases. The complainant is masked unless `unmask=true` is asked for and allowed; every unmasking is on record.',
  auth: { kind: 'action', action: 'case.read', onCase: true },
  params: CaseNumberParams, query: z.object({ unmask: z.enum(['true', 'false']).default('false') }),
  headers: z.object({ 'if-none-match': z.string().max(200).optional() }),
  responses: {
    200: { description: 'The case.', schema: CaseDto, headers: z.object({ etag: z.string().meta({ description: 'the revision' }) }) },
    304: { description: 'Not changed since the ETag given in If-None-Match.' },
  },
  problems: ['unknown-case', 'recusal', 'not-on-record-yet'],
});

export const listEvents = defineRoute({
  id: 'listEvents', method: 'get', path: '/v1/cases/{caseNumber}/events', tag: 'cases',
  summary: text('案件经过', 'The history of a case'),
  auth: { kind: 'action', action: 'case.read', onCase: true },
  params: CaseNumberParams, query: Page.extend({
    cursor: z.string().regex(/^\d{1,9}$/, 'not a cursor of this list').optional(), limit: z.coerce.number().int().min(1).max(500).default(100), unmask: z.enum(['true', 'false']).default('false'),
  }),
  responses: { 200: { description: 'Events in order.', schema: EventListDto } },
  problems: ['unknown-case', 'recusal', 'not-on-record-yet'],
});

export const answerStep = defineRoute({
  id: 'answerStep', method: 'post', path: '/v1/cases/{caseNumber}/steps/{step}', tag: 'cases',
  summary: text('办理环节', 'Answer a step'),
  description: 'The answer and its fields. What is not allowed now is refused with 409 and what is.',
  auth: { kind: 'action', action: 'step.answer', onCase: true },
  params: CaseNumberParams.extend({ step: Name }), headers: MessageHeaders, body: z.looseObject({ answer: Name }),
  responses: { 200: { description: 'The answer is on record.', schema: ReceiptDto, headers: z.object({ etag: z.string() }) } },
  problems: ['unknown-case', 'unknown-step', 'not-yours', 'recusal', 'case-closed', 'step-not-open', 'answer-not-allowed', 'stale-revision', 'idempotency-key-reused', 'engine-unavailable', 'not-on-record-yet'],
});

export const takeAction = defineRoute({
  id: 'takeAction', method: 'post', path: '/v1/cases/{caseNumber}/actions/{action}', tag: 'cases',
  summary: text('案件操作', 'Act on a case'),
  description: 'Suspend, resume, extend, reassign, withdraw, merge, note, evidence.',
  auth: { kind: 'action', action: 'action.{action}', onCase: true },
  params: CaseNumberParams.extend({ action: z.enum(actionNames) }), headers: MessageHeaders, body: AnyFields,
  responses: { 200: { description: 'The action is on record.', schema: ReceiptDto, headers: z.object({ etag: z.string() }) } },
  problems: ['unknown-case', 'unknown-action', 'not-yours', 'recusal', 'case-closed', 'step-not-open', 'action-not-allowed', 'stale-revision', 'idempotency-key-reused', 'engine-unavailable', 'not-on-record-yet'],
});

const flag = z.enum(['true', 'false']);

export const listCases = defineRoute({
  id: 'listCases', method: 'get', path: '/v1/cases', tag: 'cases',
  summary: text('案件列表', 'List cases'),
  description: 'The cases you may read, newest first. `q` finds words of the subject and case numbers.',
  auth: { kind: 'action', action: 'case.list' },
  query: Page.extend({
    type: Name.optional(), stage: Name.optional(), organ: Name.optional(), status: z.enum(['open', 'closed']).optional(), overdue: flag.optional(),
    q: z.string().min(1).max(200).optional(),
  }),
  responses: { 200: { description: 'A page of cases.', schema: CaseListDto } },
  problems: [],
});

export const readInbox = defineRoute({
  id: 'readInbox', method: 'get', path: '/v1/inbox', tag: 'inbox',
  summary: text('待办', 'Your inbox'),
  description: 'Open steps for your roles in your organ or for you, earliest due date first, and your latest notices.',
  auth: { kind: 'action', action: 'inbox.read' }, query: Page.extend({ type: Name.optional(), overdue: flag.optional() }),
  responses: { 200: { description: 'A page of open steps.', schema: InboxDto } },
  problems: [],
});

export const listNotices = defineRoute({
  id: 'listNotices', method: 'get', path: '/v1/notices', tag: 'inbox',
  summary: text('通知', 'Your notices'), auth: { kind: 'action', action: 'inbox.read' }, query: Page.extend({ case: Name.optional() }),
  responses: { 200: { description: 'A page of notices, newest first.', schema: NoticeListDto } },
  problems: [],
});

export const readStats = defineRoute({
  id: 'readStats', method: 'get', path: '/v1/stats', tag: 'cases',
  summary: text('统计', 'Statistics'), description: 'Counted over the cases you may read.',
  auth: { kind: 'action', action: 'stats.read' },
  query: z.object({ type: Name.optional(), organ: Name.optional(), year: z.coerce.number().int().min(2000).max(2999).optional() }),
  responses: { 200: { description: 'Counts.', schema: StatsDto } },
  problems: [],
});
