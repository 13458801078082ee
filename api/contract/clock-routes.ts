import { z } from 'zod';
import { CLOCK_STATUSES, DAY_ROLES, MONITORING_MARKS } from '../../domain/clock';
import { LIMIT_UNITS } from '../../domain/limit';
import { text } from '../../domain/text';
import { AnyJson, CaseNumber, CaseNumberParams, Day, Instant, TextDto } from './common';
import { defineRoute } from './route';

const LimitDto = z.strictObject({ amount: z.number(), unit: z.enum(LIMIT_UNITS) }).meta({ id: 'Limit' });

const RungDto = z.strictObject({
  rung: z.string(), title: TextDto, effect: z.string(), date: Day, at: Instant, acted: z.boolean().meta({ description: 'whether it has acted' }),
}).meta({ id: 'Rung' });

const ArticleDto = z.strictObject({ zh: z.string(), en: z.string(), source: z.string() }).meta({ id: 'Article', description: 'the rule of law, as enacted' });

const ClockDayDto = z.strictObject({
  date: Day, counted: z.boolean(), why: z.enum(DAY_ROLES), reason: TextDto.meta({ description: 'weekend, the holiday by its name, the ground of a pause' }),
  number: z.number().nullable().meta({ description: 'running number among the counted days; of hours for a limit in office hours' }),
  notice: z.strictObject({ number: z.string(), issued: Day, source: z.string() }).nullable().meta({ description: 'the publication that made the day what it is' }),
  provisional: z.boolean(),
}).meta({ id: 'ClockDay' });

const ExplanationDto = z.strictObject({
  sentence: TextDto, limit: TextDto, article: ArticleDto,
  calendar: z.strictObject({ jurisdiction: z.string(), title: TextDto, version: z.string() }), policyVersion: z.string(),
  happenings: z.array(z.strictObject({ date: Day, kind: z.string(), text: TextDto })),
  days: z.array(ClockDayDto).meta({ description: 'from the day of the event to the last day, each counted or skipped, and why' }),
}).meta({ id: 'ClockExplanation' });

const ClockDto = z.strictObject({
  clock: z.string(), title: TextDto, organ: z.string(),
  status: z.enum(CLOCK_STATUSES), mark: z.enum([...new Set(Object.values(MONITORING_MARKS))] as [string, ...string[]]).meta({ description: '电子监察: green, yellow for due soon, red for overdue, grey while it rests' }),
  due: Day.nullable(), dueAt: Instant.nullable().meta({ description: 'the first instant that is too late' }), remaining: LimitDto.nullable(),
  provisional: z.boolean(), capped: z.boolean(), inTime: z.boolean().nullable(), rungs: z.array(RungDto),
  policyVersion: z.string(), calendarVersion: z.string(),
  article: ArticleDto.nullable(),
  explanation: ExplanationDto.nullable().meta({ description: 'null only where the version of the law is not at hand' }),
  spec: AnyJson.meta({ description: 'everything the date is computed from: events, limit, versions of policy and calendar' }),
}).meta({ id: 'Clock' });

export const listClocks = defineRoute({
  id: 'listClocks', method: 'get', path: '/v1/cases/{caseNumber}/clocks', tag: 'clocks',
  summary: text('案件期限', 'The clocks of a case'),
  description: 'Every statutory limit of the case: its dates, its state, its ladder, the article, all that the date is computed from, and the explanation day by day.',
  auth: { kind: 'action', action: 'clocks.read', onCase: true }, params: CaseNumberParams,
  responses: { 200: { description: 'The clocks.', schema: z.strictObject({ caseNumber: CaseNumber, items: z.array(ClockDto) }) } },
  problems: ['unknown-case', 'recusal', 'not-on-record-yet'],
});

const LimitText = z.string().min(1).max(60).meta({ description: 'an amount and a unit, in English or Chinese', example: '5 working days' });

export const computeDeadline = defineRoute({
  id: 'computeDeadline', method: 'post', path: '/v1/deadlines', tag: 'clocks',
  summary: text('计算期限', 'Compute a deadline'),
  description: 'The last day of a limit that runs from a day: the day itself is not counted, and a limit that ends on a rest day ends on the next working day. For anyone: nothing personal is asked or kept.',
  auth: { kind: 'public' },
  body: z.strictObject({
    from: Day, limit: LimitText,
    calendar: z.string().min(1).max(40).optional().meta({ description: 'the jurisdiction; left out, that of the cases' }),
    direction: z.enum(['after', 'before']).optional().meta({ description: '`before` counts back from the day' }),
    roll: z.boolean().optional().meta({ description: 'false leaves an end on a rest day where it is' }),
    explain: z.boolean().optional().meta({ description: 'adds the list of days; not for `before`' }),
  }),
  bodyExample: { from: '2026-09-25', limit: '5 working days' },
  responses: {
    200: {
      description: 'The deadline.',
      schema: z.strictObject({
        from: Day, limit: LimitText, due: Day, dueAt: Instant.meta({ description: 'the first instant that is too late; for `before` the start of the day' }),
        provisional: z.boolean().meta({ description: 'rests on a year whose calendar is not published yet' }),
        direction: z.enum(['after', 'before']), calendar: z.string(), calendarVersion: z.string(), explanation: ExplanationDto.optional(),
      }),
      example: { from: '2026-09-25', limit: '5 working days', due: '2026-10-09', dueAt: '2026-10-09T16:00:00.000Z', provisional: false, direction: 'after', calendar: 'cn', calendarVersion: '…' },
    },
  },
  problems: [],
});

/** The token of a link; that it is one is checked before, with who calls. */
const LinkQuery = z.strictObject({ token: z.string().max(100).optional().meta({ description: 'instead of a header: the token of a link to this calendar' }) });

const FeedLinkDto = z.strictObject({
  path: z.string().meta({ description: 'what a calendar program subscribes to, after the address of the service; shown this once' }),
  expiresAt: Instant,
}).meta({ id: 'FeedLink' });

const linkRules = 'It shows this one calendar with your rights, and opens nothing else; only a hash of it is kept. A link made anew ends the one before, and a change of password ends it. Not for systems.';

const Calendar = z.string().meta({ description: 'RFC 5545' });

export const caseCalendar = defineRoute({
  id: 'caseCalendar', method: 'get', path: '/v1/cases/{caseNumber}/calendar.ics', tag: 'clocks',
  summary: text('案件期限日历', 'The due dates of a case as a calendar'),
  auth: { kind: 'action', action: 'clocks.read', onCase: true, link: true }, params: CaseNumberParams, query: LinkQuery,
  responses: { 200: { description: 'A calendar.', schema: Calendar, contentType: 'text/calendar' } },
  problems: ['unknown-case', 'recusal', 'not-on-record-yet'],
});

export const inboxCalendar = defineRoute({
  id: 'inboxCalendar', method: 'get', path: '/v1/inbox/calendar.ics', tag: 'clocks',
  summary: text('待办期限日历', 'The due dates of your inbox as a calendar'), description: 'At most the 500 earliest.',
  auth: { kind: 'action', action: 'inbox.read', link: true }, query: LinkQuery,
  responses: { 200: { description: 'A calendar.', schema: Calendar, contentType: 'text/calendar' } },
  problems: [],
});

export const openInboxFeed = defineRoute({
  id: 'openInboxFeed', method: 'post', path: '/v1/inbox/feed', tag: 'clocks',
  summary: text('订阅待办期限', 'Make a link to the calendar of your inbox'), description: linkRules,
  auth: { kind: 'signed-in' },
  responses: { 201: { description: 'The link.', schema: FeedLinkDto, example: { path: '/v1/inbox/calendar.ics?token=…', expiresAt: '2027-10-30T08:00:00.000Z' } } },
  problems: ['not-allowed'],
});

export const closeInboxFeed = defineRoute({
  id: 'closeInboxFeed', method: 'delete', path: '/v1/inbox/feed', tag: 'clocks',
  summary: text('取消订阅待办期限', 'End the link to the calendar of your inbox'),
  auth: { kind: 'signed-in' }, responses: { 204: { description: 'There is no link any more.' } }, problems: [],
});

export const openCaseFeed = defineRoute({
  id: 'openCaseFeed', method: 'post', path: '/v1/cases/{caseNumber}/feed', tag: 'clocks',
  summary: text('订阅案件期限', 'Make a link to the calendar of a case'), description: linkRules,
  auth: { kind: 'signed-in' }, params: CaseNumberParams,
  responses: { 201: { description: 'The link.', schema: FeedLinkDto } },
  problems: ['not-allowed', 'unknown-case', 'recusal', 'not-on-record-yet'],
});

export const closeCaseFeed = defineRoute({
  id: 'closeCaseFeed', method: 'delete', path: '/v1/cases/{caseNumber}/feed', tag: 'clocks',
  summary: text('取消订阅案件期限', 'End your link to the calendar of a case'),
  auth: { kind: 'signed-in' }, params: CaseNumberParams, responses: { 204: { description: 'There is no link any more.' } }, problems: ['unknown-case'],
});
