import { z } from 'zod';
import { defineCase, Reasons, Remark } from '../case-definition';
import { OrganId } from '../organs';
import { text } from '../text';

/** On area, matter, linkage and cooperation, or the legal basis (S3 二(二)5). */
export const DisputeGround = z.enum(['area', 'matter', 'linkage', 'legal-basis']);

export const DisputeIntake = z.strictObject({
  ground: DisputeGround,
  parties: z.array(OrganId).min(1).max(10),
  coordinatingOrgan: OrganId,
  subject: z.string().min(1).max(200),
  facts: z.string().min(1).max(20_000),
  urgent: z.strictObject({ actingOrgan: OrganId, measure: z.string().min(1).max(4000) }).optional()
    .meta({ description: '不立即采取措施可能对公共利益造成重大影响的: one organ acts at once, the others support it' }),
});
export type DisputeIntake = z.infer<typeof DisputeIntake>;

export const disputeCase = defineCase({
  type: 'dispute',
  prefix: 'ZY',
  title: text('职能争议协调', 'dispute between organs'),
  sources: ['S3 二(二)5', 'S2 四(二)'],
  workflow: 'dispute',
  intake: DisputeIntake,
  startedBy: ['department', 'leader', 'supervisor'],
  stages: { negotiation: text('自行协调', 'negotiation'), coordination: text('组织协调', 'coordination'), compliance: text('执行', 'compliance') },
  clocks: {},
  steps: {
    negotiate: {
      title: text('各方自行协调', 'negotiation between the parties'), stage: 'negotiation', actors: ['department', 'leader'], limit: 'dispute.negotiate',
      answers: {
        agreed: { title: text('达成一致', 'agreed'), fields: z.strictObject({ agreement: z.string().min(1).max(20_000) }) },
        failed: { title: text('协调不成,提请协调', 'failed, brought to the coordinating organ'), fields: Reasons },
      },
    },
    opinion: {
      title: text('协调意见', 'written opinion'), stage: 'coordination', actors: ['leader', 'approver'], limit: 'dispute.opinion',
      answers: { issue: { title: text('出具协调意见书', 'issue the opinion'), fields: z.strictObject({ opinion: z.string().min(1).max(20_000), responsibleOrgan: OrganId, documentNumber: z.string().max(80).optional() }) } },
    },
    comply: {
      title: text('执行协调意见', 'carrying out the opinion'), stage: 'compliance', actors: ['department', 'leader'], limit: 'dispute.comply', returnKeepsClock: true,
      answers: { report: { title: text('报告执行情况', 'report'), fields: z.strictObject({ report: z.string().min(1).max(20_000) }) } },
    },
    confirm: {
      title: text('确认执行', 'confirmation'), stage: 'compliance', actors: ['leader', 'approver'], limit: 'dispute.confirm',
      answers: { done: { title: text('已执行', 'carried out'), fields: Remark }, return: { title: text('退回', 'return'), fields: Reasons }, 'not-done': { title: text('未执行', 'not carried out'), fields: Reasons } },
    },
  },
  actions: {
    suspend: { roles: ['leader', 'approver'] }, resume: { roles: ['leader', 'approver'] }, extend: { roles: ['department', 'leader'] },
    reassign: { roles: ['leader'] }, withdraw: { roles: ['department', 'leader'] },
    note: { roles: ['department', 'leader', 'approver', 'supervisor'] }, evidence: { roles: ['department', 'leader', 'approver', 'supervisor'] },
  },
  outcomes: {
    agreed: text('自行协商一致', 'agreed between the parties'),
    'carried-out': text('协调意见已执行', 'opinion carried out'),
    'not-carried-out': text('协调意见未执行,已通报批评并移送', 'opinion not carried out: criticised and referred'),
    withdrawn: text('撤回', 'withdrawn'),
  },
  summarise: (intake: DisputeIntake) => ({ subject: intake.subject, organs: intake.parties, persons: [], leadOrgan: intake.coordinatingOrgan }),
});
