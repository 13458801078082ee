import { z } from 'zod';
import { defineCase, Remark } from '../../../domain/case-definition';
import { OrganId } from '../../../domain/organs';
import { text } from '../../../domain/text';

/** A case type of two steps that the product does not have: adding it takes this file and its procedure, and nothing in api/ or store/. */
export const toyCase = defineCase({
  type: 'toy',
  prefix: 'WJ',
  title: text('玩具案件', 'toy case'),
  sources: ['none'],
  workflow: 'toy',
  intake: z.strictObject({ subject: z.string().min(1).max(100), organ: OrganId, colour: z.enum(['red', 'blue']) }),
  startedBy: ['handler'],
  stages: { building: text('搭建', 'building'), checking: text('检查', 'checking') },
  clocks: {},
  steps: {
    build: {
      title: text('搭建', 'build'), stage: 'building', actors: ['department'],
      answers: { built: { title: text('搭好了', 'built'), fields: z.strictObject({ bricks: z.int().min(1) }) } },
    },
    check: {
      title: text('检查', 'check'), stage: 'checking', actors: ['handler'],
      answers: { good: { title: text('很好', 'good'), fields: Remark } },
    },
  },
  actions: { note: { roles: ['handler'] } },
  outcomes: { done: text('完成', 'done'), withdrawn: text('撤回', 'withdrawn'), merged: text('并案', 'merged') },
  summarise: (intake: { subject: string; organ: string }, by) => ({ subject: intake.subject, organs: [intake.organ], persons: [], leadOrgan: by.organ }),
});
