import { z } from 'zod';
import { text } from '../../domain/text';
import { Instant } from './common';
import { defineRoute } from './route';

/** At most so many payloads in one request; the Temporal UI asks for those of one event at a time. */
export const payloadsAtOnce = 200;

/** As JSON writes the protocol's Payload: metadata and data in base64. Unknown members, such as references to external storage, are handed back as they came. */
const PayloadDto = z.looseObject({
  metadata: z.record(z.string().max(200), z.base64().max(2_000)).optional(),
  data: z.base64().optional(),
}).meta({ id: 'Payload', description: 'a payload of Temporal in its JSON form' });
export type PayloadDto = z.infer<typeof PayloadDto>;

const Payloads = z.object({ payloads: z.array(PayloadDto).max(payloadsAtOnce) });

export const decodePayloads = defineRoute({
  id: 'decodePayloads', method: 'post', path: '/v1/codec/decode', tag: 'codec',
  summary: text('解密流程历史', 'Open payloads of a history'),
  description: 'The remote codec of the Temporal UI and CLI. Who may see a case unmasked gets its payloads opened; a payload of any other case, of none, or one that names the caller comes back sealed as it was. '
    + 'Each case opened or refused is on record. Beside the usual credentials this route takes the cookie of POST /v1/codec/session, from the configured UI only.',
  auth: { kind: 'action', action: 'history.unmask' },
  query: z.object({ preserveStorageRefs: z.string().max(10).optional().meta({ description: 'sent by the UI; nothing is stored outside, so it changes nothing' }) }),
  body: Payloads, bodyLimitBytes: 4_000_000,
  bodyExample: { payloads: [{ metadata: { encoding: 'YmluYXJ5L2VuY3J5cHRlZA==' }, data: 'AQJrMQ==' }] },
  responses: { 200: { description: 'As many payloads as were sent, in their order.', schema: z.strictObject({ payloads: z.array(PayloadDto) }) } },
  problems: [],
});

export const openCodecSession = defineRoute({
  id: 'openCodecSession', method: 'post', path: '/v1/codec/session', tag: 'codec',
  summary: text('登录以查看流程历史', 'Log in to read histories'),
  description: 'Sets a cookie that is good for the codec routes and nothing else. With an identity provider the UI passes its access token instead, and this is not needed.',
  auth: { kind: 'public' },
  body: z.strictObject({ username: z.string().min(1).max(120), password: z.string().min(1).max(400) }),
  bodyExample: { username: 'supervisor', password: 'wenze-demo' },
  responses: {
    201: {
      description: 'Signed in.', headers: z.object({ 'set-cookie': z.string() }),
      schema: z.strictObject({
        name: z.string(), mayUnmask: z.boolean().meta({ description: 'whether your roles open payloads at all' }), mustChangePassword: z.boolean(), expiresAt: Instant,
        ui: z.string().nullable().meta({ description: 'address of the Temporal UI, where one is configured' }),
      }),
    },
  },
  problems: ['bad-credentials', 'account-locked', 'store-unavailable'],
});

export const closeCodecSession = defineRoute({
  id: 'closeCodecSession', method: 'delete', path: '/v1/codec/session', tag: 'codec',
  summary: text('退出流程历史登录', 'Log out from histories'), auth: { kind: 'signed-in' },
  responses: { 204: { description: 'The cookie is gone and worth nothing.', headers: z.object({ 'set-cookie': z.string() }) } }, problems: [],
});

export const readCodecLogin = defineRoute({
  id: 'readCodecLogin', method: 'get', path: '/v1/codec/login', tag: 'codec',
  summary: text('流程历史登录页', 'The log-in page for histories'), auth: { kind: 'public' },
  responses: { 200: { description: 'A page.', contentType: 'text/html', schema: z.string() } }, problems: [],
});
