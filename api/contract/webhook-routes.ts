import { z } from 'zod';
import { eventKinds } from '../../domain/case-file';
import { text } from '../../domain/text';
import { NewSubscription } from '../../outbox/subscriptions';
import { Instant, Name } from './common';
import { defineRoute } from './route';

const WebhookDto = z.strictObject({
  id: z.string(), url: z.string(), kinds: z.array(z.enum(eventKinds)), caseTypes: z.array(z.string()),
  state: z.enum(['active', 'retrying', 'suspended']).meta({ description: '`suspended` after three days of failures or an answer of 410; replay sets it going again' }),
  sequence: z.int().min(0).meta({ description: 'everything up to here has arrived or was not wanted' }),
  failures: z.int().min(0), lastFault: z.string().nullable(), lastSuccessAt: Instant.nullable(), nextAttemptAt: Instant.nullable(), createdAt: Instant, createdBy: z.string(),
}).meta({ id: 'Webhook' });

const manage = { kind: 'action', action: 'webhook.manage' } as const;
const WebhookParams = z.object({ webhookId: Name });

export const createWebhook = defineRoute({
  id: 'createWebhook', method: 'post', path: '/v1/webhooks', tag: 'webhooks',
  summary: text('新建事件订阅', 'Subscribe to events'),
  description: 'Events are posted in order, at least once each, as JSON without personal data. Check `Wenze-Signature: t=<seconds>,v1=<HMAC-SHA256 of "t.body">`, and drop an event whose `Wenze-Event-Id` you know.',
  auth: manage, body: NewSubscription, bodyExample: { url: 'https://records.example.org/wenze', kinds: ['case-closed'] },
  responses: {
    201: {
      description: 'It is active. The secret is shown this once.', schema: z.strictObject({ webhook: WebhookDto, secret: z.string() }).meta({ id: 'NewWebhook' }),
      headers: z.object({ location: z.string() }),
    },
  },
  problems: [],
});

export const listWebhooks = defineRoute({
  id: 'listWebhooks', method: 'get', path: '/v1/webhooks', tag: 'webhooks',
  summary: text('事件订阅列表', 'Webhooks'), auth: manage,
  responses: { 200: { description: 'All of them.', schema: z.strictObject({ items: z.array(WebhookDto), head: z.int().min(0).meta({ description: 'the last sequence number there is' }) }).meta({ id: 'WebhookList' }) } }, problems: [],
});

export const deleteWebhook = defineRoute({
  id: 'deleteWebhook', method: 'delete', path: '/v1/webhooks/{webhookId}', tag: 'webhooks',
  summary: text('取消订阅', 'Unsubscribe'), auth: manage, params: WebhookParams,
  responses: { 204: { description: 'Nothing more is sent.' } }, problems: ['unknown-webhook'],
});

export const replayWebhook = defineRoute({
  id: 'replayWebhook', method: 'post', path: '/v1/webhooks/{webhookId}/replay', tag: 'webhooks',
  summary: text('重发', 'Send again'), description: 'From a sequence number on; without one, from where it stopped. A suspended webhook is active again.',
  auth: manage, params: WebhookParams, body: z.strictObject({ from: z.int().min(1).optional() }), bodyExample: { from: 1 },
  responses: { 200: { description: 'It goes on.', schema: WebhookDto } }, problems: ['unknown-webhook'],
});
