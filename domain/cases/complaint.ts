import { z } from 'zod';
import { defineCase, Reasons, Remark } from '../case-definition';
import { isCivilDate } from '../civil-date';
import { OrganId } from '../organs';
import { Complainant, Finding, LeadershipExamined, Measure, Person } from '../person';
import { text } from '../text';

/** Channels by which a complaint comes in (S3 二(七)5, 三(三); S4 三(五)). */
export const Channel = z.enum(['hotline-12345', 'web', 'letter', 'visit', 'telephone', 'media', 'congress-cppcc', 'other-organ']);

export const ComplaintIntake = z.strictObject({
  channel: Channel,
  subject: z.string().min(1).max(200).meta({ description: '投诉事由, one line' }),
  facts: z.string().min(1).max(20_000),
  complainant: Complainant,
  accused: z.strictObject({ organ: OrganId, person: Person.optional() }),
  receivingOrgan: OrganId.optional().meta({ description: '首问责任: the organ first asked registers and routes; left out, the organ of who registers it' }),
  sameMatterAs: z.string().max(40).optional().meta({ description: 'case number of an earlier complaint on the same facts' }),
  typical: z.boolean().default(false).meta({ description: '典型或影响大: followed to the end by the supervisory organ' }),
});
export type ComplaintIntake = z.infer<typeof ComplaintIntake>;

const day = z.string().refine(isCivilDate, 'a date of the form YYYY-MM-DD that exists');
const Reply = z.strictObject({
  text: z.string().min(1).max(20_000).meta({ description: '书面答复: the written reply, without which the case cannot close' }),
  documentNumber: z.string().max(80).optional(),
});
const Decision = z.strictObject({ text: z.string().min(1).max(20_000), documentNumber: z.string().max(80).optional() });

/** What the investigation of a complaint comes to; every fault names level, person, duty and cause, and says whether leadership was examined. */
export const ComplaintFindings = z.strictObject({
  faultFound: z.boolean(),
  facts: z.string().min(1).max(20_000),
  findings: z.array(Finding).max(50).default([]),
  leadership: LeadershipExamined.optional(),
  measures: z.array(z.strictObject({ staffId: z.string().max(40).optional(), name: z.string().min(1).max(100), measure: Measure })).max(50).default([]),
}).superRefine((report, context) => {
  const responsible = report.findings.filter((finding) => finding.responsible);
  if (report.faultFound && report.findings.length === 0) context.addIssue({ code: 'custom', path: ['findings'], message: 'a fault found names at least one finding' });
  if (!report.faultFound && responsible.length > 0) context.addIssue({ code: 'custom', path: ['findings'], message: 'nobody is responsible where no fault is found' });
  // 一案双查 (S3 二(六)6)
  if (responsible.length > 0 && report.leadership === undefined) context.addIssue({ code: 'custom', path: ['leadership'], message: 'where a person is held responsible, say whether the leader in charge was examined too 一案双查' });
  responsible.forEach((finding, index) => {
    if (finding.cause === undefined) context.addIssue({ code: 'custom', path: ['findings', index, 'cause'], message: 'a fault names its cause; the cause decides what follows' });
  });
});
export type ComplaintFindings = z.infer<typeof ComplaintFindings>;

export const complaintCase = defineCase({
  type: 'complaint',
  prefix: 'TS',
  title: text('行政过错投诉', 'complaint of administrative fault'),
  sources: ['S1 三(二)', 'S3 二(七)5, 三(三)', 'S4 三(五)', '信访工作条例 22–24, 34–36'],
  workflow: 'complaint',
  intake: ComplaintIntake,
  startedBy: ['handler', 'department', 'supervisor'],
  hasComplainant: true,
  stages: {
    routing: text('登记分办', 'registration and routing'),
    acceptance: text('受理', 'acceptance'),
    investigation: text('调查', 'investigation'),
    reply: text('审批答复', 'approval and reply'),
    rating: text('群众评价', 'rating by the complainant'),
    review: text('复查复核', 'review and re-review'),
  },
  clocks: {
    route: { title: text('登记、转送与告知期限', 'registration, routing and notice'), limit: 'complaint.route' },
    handle: { title: text('办理期限', 'handling'), limit: 'complaint.handle' },
  },
  steps: {
    route: {
      title: text('分办', 'routing'), stage: 'routing', actors: ['handler', 'department', 'supervisor'], clock: 'route',
      answers: {
        route: { title: text('转送承办机关', 'route to the organ in charge'), fields: z.strictObject({ organ: OrganId, procedure: z.string().min(1).max(2000).meta({ description: 'what the complainant is told of the procedure' }) }) },
        reject: { title: text('不予受理', 'not accepted'), fields: z.strictObject({ reasons: z.string().min(1).max(4000), channel: z.string().min(1).max(300).meta({ description: 'the lawful channel the complainant is told of' }) }) },
      },
    },
    accept: {
      title: text('受理', 'acceptance'), stage: 'acceptance', actors: ['department', 'handler', 'leader'], limit: 'complaint.object',
      answers: {
        accept: { title: text('受理', 'accept'), fields: Remark },
        object: { title: text('提出异议', 'object to the routing'), fields: Reasons },
      },
    },
    jurisdiction: {
      title: text('指定管辖', 'decision on jurisdiction'), stage: 'acceptance', actors: ['leader', 'approver'], limit: 'complaint.jurisdiction',
      answers: { decide: { title: text('指定承办机关', 'name the organ in charge'), fields: z.strictObject({ organ: OrganId, reasons: z.string().min(1).max(4000) }) } },
    },
    investigate: {
      title: text('调查', 'investigation'), stage: 'investigation', actors: ['department', 'handler', 'supervisor'], clock: 'handle',
      answers: { report: { title: text('提交调查报告', 'submit the findings'), fields: ComplaintFindings } },
    },
    review: {
      title: text('审核', 'review'), stage: 'reply', actors: ['reviewer', 'department'], clock: 'handle',
      answers: { agree: { title: text('同意', 'agree'), fields: Remark }, return: { title: text('退回', 'return'), fields: Reasons } },
    },
    approve: {
      title: text('批准', 'approval'), stage: 'reply', actors: ['approver', 'leader'], clock: 'handle',
      answers: { approve: { title: text('批准', 'approve'), fields: Remark }, return: { title: text('退回', 'return'), fields: Reasons } },
    },
    reply: {
      title: text('答复投诉人', 'written reply'), stage: 'reply', actors: ['department', 'handler'], clock: 'handle',
      answers: { send: { title: text('发出书面答复', 'send the written reply'), fields: Reply } },
    },
    rate: {
      title: text('满意度评价', 'rating'), stage: 'rating', actors: ['complainant', 'handler'], limit: 'complaint.rate',
      answers: {
        satisfied: { title: text('满意', 'satisfied'), fields: Remark },
        dissatisfied: { title: text('不满意,请求复查', 'not satisfied, asks for a review'), fields: z.strictObject({ grounds: z.string().min(1).max(10_000) }) },
      },
      refuses: ['extend', 'merge', 'withdraw'],
    },
    'review-decision': {
      title: text('复查', 'review of the reply'), stage: 'review', actors: ['leader', 'approver', 'supervisor'], limit: 'complaint.review',
      answers: { uphold: { title: text('维持', 'uphold'), fields: Decision }, change: { title: text('变更', 'change'), fields: Decision } },
      refuses: ['merge'],
    },
    'rate-review': {
      title: text('复查意见告知后', 'after the review'), stage: 'review', actors: ['complainant', 'handler'], limit: 'complaint.rate-review',
      answers: {
        content: { title: text('接受', 'content with it'), fields: Remark },
        'request-re-review': { title: text('请求复核', 'asks for a re-review'), fields: z.strictObject({ grounds: z.string().min(1).max(10_000) }) },
      },
      refuses: ['extend', 'merge', 'withdraw'],
    },
    're-review': {
      title: text('复核', 're-review'), stage: 'review', actors: ['leader', 'approver', 'supervisor'], limit: 'complaint.re-review', returnKeepsClock: true,
      answers: {
        uphold: { title: text('维持', 'uphold'), fields: Decision },
        change: { title: text('变更', 'change'), fields: Decision },
        hearing: {
          title: text('举行听证(时间不计入)', 'hold a hearing, its time not counted'),
          fields: z.strictObject({ from: day, to: day, remark: z.string().max(4000).optional() }).refine((hearing) => hearing.from <= hearing.to, { message: 'a hearing ends after it begins', path: ['to'] }),
        },
      },
      refuses: ['merge'],
    },
  },
  actions: {
    suspend: { roles: ['handler', 'department', 'supervisor'] },
    resume: { roles: ['handler', 'department', 'supervisor'] },
    extend: { roles: ['handler', 'department', 'supervisor'] },
    reassign: { roles: ['handler', 'supervisor', 'leader', 'approver'] },
    withdraw: { roles: ['complainant', 'handler'] },
    merge: { roles: ['handler', 'supervisor'] },
    note: { roles: ['handler', 'reviewer', 'approver', 'supervisor', 'department', 'leader', 'referrer', 'personnel'] },
    evidence: { roles: ['handler', 'reviewer', 'approver', 'supervisor', 'department', 'leader', 'complainant'] },
  },
  outcomes: {
    'not-accepted': text('不予受理', 'not accepted'),
    'replied-no-fault': text('已答复,未发现过错', 'replied, no fault found'),
    'replied-fault-found': text('已答复,认定过错', 'replied, fault found'),
    'concluded-after-review': text('复查后终结', 'concluded after review'),
    'concluded-after-re-review': text('复核终结,同一事实不再受理', 'concluded after re-review; the same facts are not accepted again'),
    withdrawn: text('撤回', 'withdrawn'),
    merged: text('并案办结', 'answered with the leading case'),
  },
  summarise: (intake: ComplaintIntake, by) => ({
    subject: intake.subject,
    organs: [intake.accused.organ],
    persons: intake.accused.person === undefined ? [] : [intake.accused.person],
    leadOrgan: intake.receivingOrgan ?? by.organ,
  }),
});
