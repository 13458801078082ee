import { z } from 'zod';
import { defineCase, Reasons, Remark } from '../case-definition';
import { isCivilDate, type CivilDate } from '../civil-date';
import { OrganId } from '../organs';
import { Finding, LeadershipExamined, Measure, Person } from '../person';
import { text } from '../text';

/** Who may refer, and what each refers (S2 三(三)); complaints, incidents and ladders refer by themselves. */
export const ReferralSource = z.enum(['finance', 'audit', 'legal-affairs', 'inspection', 'target-management', 'complaint', 'incident-review', 'ladder', 'rectification', 'dispute']);

const EvidenceItem = z.strictObject({ title: z.string().min(1).max(300), description: z.string().max(4000).optional(), sha256: z.string().regex(/^[0-9a-f]{64}$/).optional() });

export const ReferralIntake = z.strictObject({
  source: ReferralSource,
  referringOrgan: OrganId,
  subject: z.string().min(1).max(200),
  facts: z.string().min(1).max(20_000),
  ownMeasures: z.string().min(1).max(4000).meta({ description: '依照本部门的权限作出的处理: the referring organ first uses its own powers' }),
  evidence: z.array(EvidenceItem).min(1).max(200).meta({ description: '证据清单' }),
  persons: z.array(Person).min(1).max(50),
  supervisoryOrgan: OrganId.optional().meta({ description: '监察机关; left out, the one competent for the persons\' organ' }),
});
export type ReferralIntake = z.infer<typeof ReferralIntake>;

const day = z.string().refine((value): value is CivilDate => isCivilDate(value), 'a date of the form YYYY-MM-DD that exists');

/** Findings by level and person, leadership examined too (S2 二(三), S3 二(六)6). */
export const ReferralFindings = z.strictObject({
  facts: z.string().min(1).max(20_000),
  findings: z.array(Finding).min(1).max(100),
  leadership: LeadershipExamined,
});
export type ReferralFindings = z.infer<typeof ReferralFindings>;

/** One decision per person concerned; publication only within the scope decided (S2 三(三)). */
export const PersonDecision = z.strictObject({
  name: z.string().min(1).max(100),
  staffId: z.string().max(40).optional(),
  measure: Measure,
  level: z.enum(['approval', 'review', 'handling']).optional(),
  direct: z.boolean().default(false).meta({ description: '负有直接责任' }),
  reasons: z.string().min(1).max(10_000),
});
export const Decisions = z.strictObject({
  decisions: z.array(PersonDecision).min(1).max(50),
  effectiveOn: day,
  publish: z.enum(['none', 'government', 'public']),
  documentNumber: z.string().max(80).optional(),
});
export type Decisions = z.infer<typeof Decisions>;

/** What has been decided is served, fed back and carried out: it is neither withdrawn nor joined to another case. */
const decidedFor = ['withdraw', 'merge'] as const;

export const referralCase = defineCase({
  type: 'referral',
  prefix: 'YS',
  title: text('移送处理', 'referral to the supervisory organ'),
  sources: ['S2 二(三), 三(三)', 'S3 二(六)6', '行政机关公务员处分条例 39, 44', '政务处分法 54', '审计法 54'],
  workflow: 'referral',
  intake: ReferralIntake,
  startedBy: ['referrer', 'supervisor'],
  stages: {
    receipt: text('接收', 'receipt'),
    investigation: text('调查', 'investigation'),
    decision: text('审理决定', 'decision'),
    service: text('送达', 'service'),
    execution: text('执行与反馈', 'execution and feedback'),
  },
  clocks: { decision: { title: text('作出处分决定期限', 'decision'), limit: 'referral.decide' } },
  steps: {
    receive: {
      title: text('接收审查', 'receipt and examination'), stage: 'receipt', actors: ['supervisor'], limit: 'referral.receive',
      answers: {
        accept: { title: text('受理立案', 'accept and open'), fields: z.strictObject({ jointInspection: z.boolean().default(false).meta({ description: '联合检查 with the referring organ (S0 (三))' }), remark: z.string().max(4000).optional() }) },
        return: { title: text('退回说明理由', 'return with reasons'), fields: Reasons },
      },
    },
    supplement: {
      title: text('补充移送材料', 'completion of the referral'), stage: 'receipt', actors: ['referrer', 'supervisor', 'handler', 'department'], limit: 'referral.supplement',
      answers: {
        resubmit: { title: text('补充后再移送', 'hand over again'), fields: z.strictObject({ statement: z.string().min(1).max(10_000), evidence: z.array(EvidenceItem).max(200).default([]) }) },
        'take-back': { title: text('撤回移送', 'take the referral back'), fields: Reasons },
      },
    },
    investigate: {
      title: text('调查', 'investigation'), stage: 'investigation', actors: ['supervisor'], limit: 'referral.investigate', returnKeepsClock: true,
      answers: { report: { title: text('提交调查报告', 'submit the findings'), fields: ReferralFindings } },
    },
    statement: {
      title: text('听取陈述申辩', 'statement and defence'), stage: 'decision', actors: ['supervisor'], limit: 'referral.statement',
      answers: {
        heard: { title: text('已听取', 'heard'), fields: z.strictObject({ statement: z.string().min(1).max(20_000), accepted: z.boolean(), reasons: z.string().min(1).max(4000) }) },
        waived: { title: text('放弃陈述申辩', 'waived'), fields: Remark },
      },
    },
    review: {
      title: text('审核', 'review'), stage: 'decision', actors: ['reviewer'], limit: 'referral.review',
      answers: { agree: { title: text('同意', 'agree'), fields: Remark }, return: { title: text('退回补充调查', 'return for investigation'), fields: Reasons } },
    },
    decide: {
      title: text('决定', 'decision'), stage: 'decision', actors: ['approver'], limit: 'referral.approve',
      answers: { decide: { title: text('作出决定', 'decide'), fields: Decisions }, return: { title: text('退回补充调查', 'return for investigation'), fields: Reasons } },
    },
    serve: {
      title: text('送达', 'service'), stage: 'service', actors: ['supervisor'], limit: 'referral.serve',
      answers: { served: { title: text('已送达', 'served'), fields: z.strictObject({ on: day, method: z.enum(['in-person', 'left-at-post', 'by-mail', 'by-notice']), remark: z.string().max(4000).optional() }) } },
      refuses: decidedFor,
    },
    feedback: {
      title: text('反馈移送机关', 'feedback to the referring organ'), stage: 'execution', actors: ['supervisor'], limit: 'referral.feedback',
      answers: { send: { title: text('发出书面反馈', 'send the written result'), fields: z.strictObject({ text: z.string().min(1).max(20_000), documentNumber: z.string().max(80).optional() }) } },
      refuses: decidedFor,
    },
    'personnel-change': {
      title: text('办理职务职级变更', 'change of post, level or grade'), stage: 'execution', actors: ['personnel'], limit: 'referral.personnel-change',
      answers: { done: { title: text('已办理', 'carried out'), fields: z.strictObject({ on: day, change: z.string().min(1).max(1000) }) } },
      refuses: decidedFor,
    },
  },
  actions: {
    suspend: { roles: ['supervisor'] },
    resume: { roles: ['supervisor'] },
    extend: { roles: ['supervisor', 'personnel'] },
    reassign: { roles: ['supervisor', 'approver', 'leader'] },
    withdraw: { roles: ['referrer'] },
    merge: { roles: ['supervisor'] },
    note: { roles: ['reviewer', 'approver', 'supervisor', 'referrer', 'personnel', 'leader', 'department', 'handler'] },
    evidence: { roles: ['reviewer', 'approver', 'supervisor', 'referrer', 'leader', 'department', 'handler'] },
  },
  outcomes: {
    decided: text('已决定并反馈', 'decided and fed back'),
    'no-responsibility': text('不予追究', 'nobody held responsible'),
    'taken-back': text('移送机关撤回', 'taken back by the referring organ'),
    withdrawn: text('撤回', 'withdrawn'),
    merged: text('并案办结', 'answered with the leading case'),
  },
  summarise: (intake: ReferralIntake, by) => ({
    subject: intake.subject,
    organs: [...new Set([intake.referringOrgan, ...intake.persons.map((person) => person.organ)])],
    persons: intake.persons,
    leadOrgan: intake.supervisoryOrgan ?? by.organ,
  }),
});
