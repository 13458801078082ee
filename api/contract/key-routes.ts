import { z } from 'zod';
import { text } from '../../domain/text';
import { KeyRequest, keyStates, Scope } from '../identity/api-keys';
import { Instant, Name, NextCursor, Page, RoleDto } from './common';
import { defineRoute } from './route';

const ApiKeyDto = z.strictObject({
  id: z.string().meta({ description: 'the second part of the key; what the system does stands on record under `system:<id>`' }), name: z.string(), organ: z.string(), roles: z.array(RoleDto), scopes: z.array(z.string()),
  state: z.enum(keyStates), expiresAt: Instant.nullable().meta({ description: 'null: until it is revoked' }),
  createdAt: Instant, createdBy: z.string(), lastUsedAt: Instant.nullable().meta({ description: 'to the minute; null: never' }), revokedAt: Instant.nullable(), revokedBy: z.string().nullable(),
}).meta({ id: 'ApiKey' });

const example = {
  id: '5f0c2a9e41d7', name: '12345 热线', organ: 'yz-complaints', roles: ['handler'], scopes: ['case.start', 'case.read'], state: 'active', expiresAt: '2027-09-25T16:00:00.000Z',
  createdAt: '2026-09-25T02:00:00.000Z', createdBy: 'administrator', lastUsedAt: null, revokedAt: null, revokedBy: null,
} as const;

const manage = { kind: 'action', action: 'key.manage' } as const;

export const createApiKey = defineRoute({
  id: 'createApiKey', method: 'post', path: '/v1/api-keys', tag: 'keys',
  summary: text('新建系统密钥', 'Make a key for another system'),
  description: 'The system sends it as `X-API-Key` and may do what its roles may in its organ, as far as its scopes go. The key is shown this once; when the answer is lost, revoke that key and make another. '
    + `What is done to an open case asks for \`case.read\` as well, and so does seeing anything in a list. Scopes: ${Scope.options.map((scope) => `\`${scope}\``).join(', ')}.`,
  auth: manage,
  body: KeyRequest.extend({ expiresAt: Instant.nullable().default(null).meta({ description: 'after now; left out, it is good until it is revoked', example: '2099-12-31T16:00:00.000Z' }) }),
  bodyExample: { name: example.name, organ: example.organ, roles: example.roles, scopes: example.scopes },
  responses: {
    201: {
      description: 'It is good at once.', schema: z.strictObject({ apiKey: ApiKeyDto, key: z.string().meta({ description: 'the key itself; only its hash is kept' }) }).meta({ id: 'NewApiKey' }),
      example: { apiKey: { ...example, expiresAt: null }, key: `wz_${example.id}_${'x'.repeat(43)}` }, headers: z.object({ location: z.string() }),
    },
  },
  problems: [],
});

export const listApiKeys = defineRoute({
  id: 'listApiKeys', method: 'get', path: '/v1/api-keys', tag: 'keys',
  summary: text('系统密钥列表', 'Keys of other systems'), description: 'Newest first, those that have ended included; never the keys themselves.', auth: manage, query: Page,
  responses: { 200: { description: 'A page.', schema: z.strictObject({ items: z.array(ApiKeyDto), next: NextCursor }).meta({ id: 'ApiKeyList' }), example: { items: [example], next: null } } },
  problems: [],
});

export const revokeApiKey = defineRoute({
  id: 'revokeApiKey', method: 'delete', path: '/v1/api-keys/{keyId}', tag: 'keys',
  summary: text('吊销系统密钥', 'Revoke a key'),
  description: 'It opens nothing from now on (in other processes from five seconds later) and stays on record. One revoked before stays as it was, so that this may be sent again.',
  auth: manage, params: z.object({ keyId: Name }),
  responses: { 200: { description: 'It is revoked.', schema: ApiKeyDto, example: { ...example, state: 'revoked', revokedAt: '2026-09-26T01:00:00.000Z', revokedBy: 'administrator' } } },
  problems: ['unknown-key'],
});
