import { z } from 'zod';
import { actionNames } from '../../domain/case-definition';
import { eventKinds } from '../../domain/case-file';
import { AnyJson, CaseNumber, Day, Instant, Name, NextCursor, RoleDto, TextDto } from './common';

/** What a case looks like from outside. Everything here may be seen by whoever may read the case; the complainant is masked. */

export const ActorDto = z.strictObject({
  kind: z.enum(['user', 'system', 'timer']), id: z.string(), organ: z.string().optional(), roles: z.array(RoleDto),
  onBehalfOf: z.string().optional().meta({ description: 'AB角: for whom the actor stood in' }),
}).meta({ id: 'Actor' });

export const AssigneeDto = z.strictObject({ roles: z.array(RoleDto), organ: z.string(), user: z.string().optional() }).meta({ id: 'Assignee' });

export const OpenStepDto = z.strictObject({
  step: z.string().meta({ description: 'the id to answer under; steps side by side carry a key after a dot', example: 'explain.yz-water' }),
  title: TextDto,
  assignee: AssigneeDto,
  yours: z.boolean().meta({ description: 'whether you may answer it' }),
  openedAt: Instant,
  clock: z.string().optional(),
  due: Day.nullable(),
  dueAt: Instant.nullable().meta({ description: 'the first instant that is too late' }),
  provisional: z.boolean().meta({ description: 'the calendar of that year is not published yet' }),
  overdue: z.boolean(),
  answers: z.array(z.strictObject({ answer: z.string(), title: TextDto })),
  context: AnyJson.optional(),
}).meta({ id: 'OpenStep' });

export const ClockSummaryDto = z.strictObject({
  clock: z.string(), title: TextDto, limit: z.string(), organ: z.string(), due: Day.nullable(), dueAt: Instant.nullable(),
  provisional: z.boolean(), paused: z.boolean(), stopped: z.boolean(), overdue: z.boolean(),
}).meta({ id: 'ClockSummary' });

export const CaseDto = z.strictObject({
  caseNumber: CaseNumber, type: z.string(), title: TextDto, revision: z.int(),
  status: z.enum(['open', 'closed']), stage: z.string(), stageTitle: TextDto,
  outcome: z.string().optional(), outcomeTitle: TextDto.optional(),
  openedAt: Instant, closedAt: Instant.optional(), startedBy: ActorDto, leadOrgan: z.string(), organs: z.array(z.string()),
  openSteps: z.array(OpenStepDto), clocks: z.array(ClockSummaryDto),
  links: z.array(z.strictObject({ caseNumber: z.string(), type: z.string(), relation: z.enum(['origin', 'started', 'leading', 'follower', 'prior']) })),
  waiting: z.array(z.strictObject({ system: z.string(), since: Instant })).meta({ description: 'systems that do not answer, so that the case waits' }),
  escalationLevel: z.int().min(0), overdue: z.boolean(), due: Day.nullable(), dueAt: Instant.nullable(),
  actions: z.array(z.enum(actionNames)).meta({ description: 'what you may do to the case now' }),
  law: z.strictObject({ policyVersion: z.string(), calendarVersion: z.string(), jurisdiction: z.string() }).nullable(),
  subject: z.string(), intake: AnyJson, persons: z.array(AnyJson), evidence: z.array(AnyJson), findings: z.array(AnyJson), result: AnyJson.optional(),
  masked: z.boolean().meta({ description: 'whether personal data of the complainant was hidden' }),
}).meta({ id: 'Case' });
export type CaseDto = z.input<typeof CaseDto>;

export const CaseRowDto = z.strictObject({
  caseNumber: CaseNumber, type: z.string(), title: TextDto, status: z.enum(['open', 'closed']), stage: z.string(), stageTitle: TextDto,
  outcome: z.string().nullable(), leadOrgan: z.string(), organs: z.array(z.string()), openedAt: Instant, closedAt: Instant.nullable(),
  due: Day.nullable(), overdue: z.boolean(), escalationLevel: z.int(), revision: z.int(), subject: z.string(),
}).meta({ id: 'CaseRow' });
export const CaseListDto = z.strictObject({ items: z.array(CaseRowDto), next: NextCursor }).meta({ id: 'CaseList' });

export const EventDto = z.strictObject({
  seq: z.int(), at: Instant, kind: z.enum(eventKinds), by: ActorDto, step: z.string().optional(), clock: z.string().optional(),
  facts: AnyJson, detail: AnyJson.optional(), hash: z.string().meta({ description: 'of this event and all before it (SHA-256 chain)' }),
}).meta({ id: 'CaseEvent' });
export const EventListDto = z.strictObject({ items: z.array(EventDto), next: NextCursor }).meta({ id: 'CaseEventList' });

export const TaskDto = z.strictObject({
  caseNumber: CaseNumber, type: z.string(), title: TextDto, step: z.string(), stepTitle: TextDto, assignee: AssigneeDto, openedAt: Instant,
  due: Day.nullable(), dueAt: Instant.nullable(), provisional: z.boolean(), overdue: z.boolean(), answers: z.array(z.string()), revision: z.int(),
}).meta({ id: 'Task' });

export const NoticeDto = z.strictObject({
  id: z.string(), caseNumber: CaseNumber, type: z.string(), at: Instant, template: z.string(),
  to: z.strictObject({ complainant: z.boolean(), roles: z.array(RoleDto), organ: z.string(), user: z.string().nullable() }),
  facts: AnyJson, detail: AnyJson.optional(),
}).meta({ id: 'Notice' });
export const NoticeListDto = z.strictObject({ items: z.array(NoticeDto), next: NextCursor }).meta({ id: 'NoticeList' });
export const InboxDto = z.strictObject({
  items: z.array(TaskDto), next: NextCursor, notices: z.array(NoticeDto).meta({ description: 'the latest; all of them at /v1/notices' }),
}).meta({ id: 'Inbox' });

export const ReceiptDto = z.strictObject({
  caseNumber: CaseNumber, revision: z.int(), seq: z.int().meta({ description: 'the event that records it' }), at: Instant,
}).meta({ id: 'Receipt', description: 'The fact is on record.' });
export const StartedDto = z.strictObject({ caseNumber: CaseNumber, type: z.string() }).meta({ id: 'StartedCase' });

export const CaseTypeDto = z.strictObject({
  type: z.string(), prefix: z.string(), title: TextDto, sources: z.array(z.string()), startedBy: z.array(RoleDto), mayStart: z.boolean(),
  intake: AnyJson.meta({ description: 'JSON Schema of the intake' }),
  stages: z.record(z.string(), TextDto), outcomes: z.record(z.string(), TextDto),
  clocks: z.record(z.string(), z.strictObject({ title: TextDto, limit: z.string() })),
  steps: z.array(z.strictObject({
    step: z.string(), title: TextDto, stage: z.string(), actors: z.array(RoleDto), limit: z.string().nullable(), clock: z.string().nullable(),
    answers: z.array(z.strictObject({ answer: z.string(), title: TextDto, fields: AnyJson.meta({ description: 'JSON Schema of the fields' }) })),
  })),
  actions: z.array(z.strictObject({ action: z.enum(actionNames), title: TextDto, roles: z.array(RoleDto), fields: AnyJson })),
}).meta({ id: 'CaseType' });

export const StatsDto = z.strictObject({
  cases: z.int(), open: z.int(), closed: z.int(), overdue: z.int(), escalated: z.int(),
  byType: z.array(z.strictObject({ type: Name, title: TextDto, open: z.int(), closed: z.int(), overdue: z.int(), outcomes: z.record(z.string(), z.int()), stages: z.record(z.string(), z.int()) })),
  byOrgan: z.array(z.strictObject({ organ: Name, open: z.int(), closed: z.int(), overdue: z.int(), criticised: z.int().meta({ description: 'cases whose ladder reached criticism or referral' }) })),
}).meta({ id: 'Stats' });
