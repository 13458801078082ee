import { z } from 'zod';
import { defineCase, Reasons, Remark } from '../case-definition';
import { OrganId } from '../organs';
import { text } from '../text';

/** What an order to put things right rests on (S2 四(二)(三), S3 二(六)2, 二(七)4). */
export const RectificationGround = z.enum(['enforcement-appraisal', 'reconsideration-decision', 'waste-of-funds', 'supervision-recommendation', 'evaluation', 'complaint', 'incident-review']);

export const RectificationIntake = z.strictObject({
  ground: RectificationGround,
  orderingOrgan: OrganId,
  organ: OrganId.meta({ description: '被责令整改的机关' }),
  subject: z.string().min(1).max(200),
  order: z.string().min(1).max(20_000).meta({ description: '责令整改的内容: what is to be put right' }),
  within: z.strictObject({ amount: z.int().min(1).max(730), unit: z.enum(['working-day', 'calendar-day', 'month']) }).optional()
    .meta({ description: 'the limit the order sets; left out, the policy default' }),
  failedOutright: z.boolean().default(false).meta({ description: '考评不合格: criticism and the leaders\' responsibility at once (S2 四(二))' }),
});
export type RectificationIntake = z.infer<typeof RectificationIntake>;

export const rectificationCase = defineCase({
  type: 'rectification',
  prefix: 'ZG',
  title: text('限期整改', 'rectification order'),
  sources: ['S2 四(二)(三)', 'S3 二(六)2, 二(七)4'],
  workflow: 'rectification',
  intake: RectificationIntake,
  startedBy: ['supervisor', 'leader'],
  stages: { rectifying: text('整改', 'putting right'), verification: text('验收', 'verification') },
  clocks: {},
  steps: {
    report: {
      title: text('报告整改情况', 'report of what was put right'), stage: 'rectifying', actors: ['department', 'leader', 'handler'], limit: 'rectification.report', returnKeepsClock: true,
      answers: { report: { title: text('提交整改报告', 'submit the report'), fields: z.strictObject({ report: z.string().min(1).max(20_000) }) } },
    },
    verify: {
      title: text('验收', 'verification by the ordering organ'), stage: 'verification', actors: ['supervisor', 'leader', 'approver', 'handler'], limit: 'rectification.verify',
      answers: {
        done: { title: text('整改到位', 'put right'), fields: Remark },
        return: { title: text('退回继续整改', 'return for more'), fields: Reasons },
        'not-done': { title: text('整改不到位', 'not put right'), fields: Reasons },
      },
    },
  },
  actions: {
    suspend: { roles: ['supervisor'] }, resume: { roles: ['supervisor'] }, extend: { roles: ['department', 'supervisor'] },
    reassign: { roles: ['supervisor', 'leader'] }, withdraw: { roles: ['supervisor'] },
    note: { roles: ['supervisor', 'department', 'leader', 'handler', 'approver'] }, evidence: { roles: ['supervisor', 'department', 'leader', 'handler'] },
  },
  outcomes: {
    done: text('整改到位', 'put right'),
    'not-done': text('未整改到位,已通报批评并移送', 'not put right: criticised and referred'),
    'failed-outright': text('不合格,已通报批评并移送', 'failed outright: criticised and referred'),
    withdrawn: text('撤销', 'withdrawn'),
  },
  summarise: (intake: RectificationIntake) => ({ subject: intake.subject, organs: [intake.organ], persons: [], leadOrgan: intake.orderingOrgan }),
});
