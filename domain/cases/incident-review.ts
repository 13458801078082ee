import { z } from 'zod';
import { defineCase, Reasons, Remark } from '../case-definition';
import { isCivilDate, type CivilDate } from '../civil-date';
import { OrganId } from '../organs';
import { Finding, LeadershipExamined, levelsAmiss, LevelNotInvolved } from '../person';
import { text } from '../text';

/** Categories of major accidents and incidents (S0 (五), S2 四(一)). */
export const IncidentCategory = z.enum([
  'social-management', 'public-order', 'work-safety', 'food-safety', 'public-health', 'fire-safety', 'traffic-safety',
  'environmental-pollution', 'major-projects', 'state-assets', 'clean-government',
]);

const day = z.string().refine((value): value is CivilDate => isCivilDate(value), 'a date of the form YYYY-MM-DD that exists');

export const IncidentIntake = z.strictObject({
  category: IncidentCategory,
  subject: z.string().min(1).max(200),
  facts: z.string().min(1).max(20_000),
  occurredOn: day.meta({ description: '发生之日: the month to explain counts from it, the day itself not counted' }),
  organs: z.array(OrganId).min(1).max(20).refine((organs) => new Set(organs).size === organs.length, 'each organ once')
    .meta({ description: '负有管理责任的行政机关' }),
  superior: OrganId.optional().meta({ description: '上级机关 to which they all explain; left out, each organ to its own superior' }),
});
export type IncidentIntake = z.infer<typeof IncidentIntake>;

const answerOn = (question: string) => z.string().min(1).max(20_000).meta({ description: question });

/** 说明: all three questions, or it is not an explanation (S2 四(一)). */
export const Explanation = z.strictObject({
  managementSystem: z.strictObject({ missing: z.boolean(), statement: answerOn('管理制度是否缺失 was a management system missing') }),
  measures: z.strictObject({ appropriate: z.boolean(), statement: answerOn('行政措施是否适当 were the administrative measures appropriate') }),
  responsibility: z.strictObject({ sound: z.boolean(), statement: answerOn('责任机制是否健全 is the responsibility mechanism sound') }),
});

/** 责任倒查、层层追究: no level is left open; whoever is responsible is referred; whether leadership was examined is always said (S2 四(一), S3 二(六)6). */
export const IncidentFindings = z.strictObject({
  facts: z.string().min(1).max(20_000),
  findings: z.array(Finding).min(1).max(100).meta({ description: 'at least one for each of approval, review and handling, unless levelsNotInvolved says why there is none' }),
  levelsNotInvolved: z.array(LevelNotInvolved).max(2).optional().meta({ description: '未涉及的层次: levels at which nobody acted' }),
  leadership: LeadershipExamined,
  dereliction: z.boolean().meta({ description: '有失职行为: a public apology follows (S0 (五))' }),
  touchesHead: z.boolean().meta({ description: '涉及部门行政首长: the government itself announces the result (S2 四(一))' }),
}).superRefine(({ findings, levelsNotInvolved = [] }, context) => {
  const { open, both } = levelsAmiss(findings, levelsNotInvolved);
  for (const level of open) context.addIssue({ code: 'custom', path: ['findings'], message: `no finding at the level "${level}", and levelsNotInvolved does not say why there is none` });
  for (const level of both) context.addIssue({ code: 'custom', path: ['levelsNotInvolved'], message: `"${level}" is said not to be involved, and has a finding` });
});
export type IncidentFindings = z.infer<typeof IncidentFindings>;

const Announcement = z.strictObject({ text: z.string().min(1).max(20_000), documentNumber: z.string().max(80).optional() });

/** Once responsibility has been traced and persons referred, the result is announced: the review is neither withdrawn nor joined to another. */
const handled = ['withdraw', 'merge'] as const;

export const incidentReviewCase = defineCase({
  type: 'incident-review',
  prefix: 'JT',
  title: text('重大事故(事件)责任检讨', 'incident self-review'),
  sources: ['S0 (五)', 'S2 四(一)'],
  workflow: 'incidentReview',
  intake: IncidentIntake,
  startedBy: ['handler', 'supervisor', 'leader'],
  stages: {
    explanation: text('说明情况', 'explanation'),
    investigation: text('责任倒查', 'tracing of responsibility'),
    handling: text('处理', 'handling'),
    notification: text('内部通报', 'notification'),
  },
  clocks: {
    notify: { title: text('内部通报期限', 'notification within the government system'), limit: 'incident.notify' },
  },
  steps: {
    explain: {
      title: text('向上级机关作出说明', 'explanation to the superior'), stage: 'explanation', actors: ['department', 'leader'], limit: 'incident.explain', returnKeepsClock: true,
      answers: { explain: { title: text('提交说明', 'submit the explanation'), fields: Explanation } },
      refuses: ['merge'],
    },
    examine: {
      title: text('上级机关审查说明', 'examination of the explanation'), stage: 'explanation', actors: ['leader', 'approver'], limit: 'incident.examine',
      answers: { accept: { title: text('认可', 'accept'), fields: Remark }, return: { title: text('退回说明理由', 'return with reasons'), fields: Reasons } },
    },
    investigate: {
      title: text('责任倒查', 'tracing of responsibility level by level'), stage: 'investigation', actors: ['supervisor'], limit: 'incident.investigate', returnKeepsClock: true,
      answers: { report: { title: text('提交调查结论', 'submit the findings'), fields: IncidentFindings } },
    },
    approve: {
      title: text('批准调查结论', 'approval of the findings'), stage: 'investigation', actors: ['leader', 'approver'], limit: 'incident.approve',
      answers: { approve: { title: text('批准', 'approve'), fields: Remark }, return: { title: text('退回', 'return'), fields: Reasons } },
    },
    apologise: {
      title: text('公开道歉', 'public apology'), stage: 'handling', actors: ['leader', 'department'], limit: 'incident.apologise',
      answers: { apologise: { title: text('已公开道歉', 'apologised'), fields: z.strictObject({ text: z.string().min(1).max(20_000), where: z.string().min(1).max(300), on: day }) } },
      refuses: handled,
    },
    'government-announce': {
      title: text('政府通报', 'announcement by the government'), stage: 'notification', actors: ['leader'], limit: 'incident.announce',
      answers: { announce: { title: text('已通报', 'announced'), fields: Announcement } },
      refuses: handled,
    },
    notify: {
      title: text('政府系统内部通报', 'notification within the government system'), stage: 'notification', actors: ['department', 'leader'], clock: 'notify',
      answers: { notify: { title: text('已通报', 'notified'), fields: Announcement } },
      refuses: handled,
    },
  },
  actions: {
    suspend: { roles: ['supervisor', 'leader'] },
    resume: { roles: ['supervisor', 'leader'] },
    extend: { roles: ['supervisor', 'department'] },
    reassign: { roles: ['supervisor', 'leader', 'handler'] },
    withdraw: { roles: ['leader'] },
    merge: { roles: ['supervisor'] },
    note: { roles: ['handler', 'reviewer', 'approver', 'supervisor', 'department', 'leader'] },
    evidence: { roles: ['handler', 'reviewer', 'approver', 'supervisor', 'department', 'leader'] },
  },
  outcomes: {
    notified: text('已内部通报', 'notified within the government system'),
    withdrawn: text('撤销检讨', 'withdrawn'),
    merged: text('并案办结', 'answered with the leading case'),
  },
  summarise: (intake: IncidentIntake, by) => ({ subject: intake.subject, organs: intake.organs, persons: [], leadOrgan: by.organ }),
});
