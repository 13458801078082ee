import { z } from 'zod';
import { Account } from '../../domain/identity';
import { text } from '../../domain/text';
import { passwordLength } from '../identity/passwords';
import { Instant, Name, RoleDto } from './common';
import { defineRoute } from './route';

const UserDto = z.strictObject({
  id: z.string(), name: z.string(), organ: z.string(), roles: z.array(RoleDto), staffId: z.string().nullable(),
  hasPassword: z.boolean().meta({ description: 'false: only the identity provider opens it' }), mustChangePassword: z.boolean(), disabled: z.boolean(), demo: z.boolean(),
  createdAt: Instant, passwordChangedAt: Instant,
}).meta({ id: 'User' });

/** Parsed generously, so that what is too short or too long is told in one sentence with what is too easily guessed. */
const Password = z.string().min(1).max(400).meta({
  description: 'not the account\'s id in disguise, at least five different characters; left out, one is made and shown this once', minLength: passwordLength.least, maxLength: passwordLength.most, example: 'correct horse battery',
});
const OneTime = z.string().nullable().meta({ description: 'the password that was made, shown this once; null when one was given' });

const manage = { kind: 'action', action: 'user.manage' } as const;
const UserParams = z.object({ userId: Name });

export const createUser = defineRoute({
  id: 'createUser', method: 'post', path: '/v1/users', tag: 'users',
  summary: text('新建账号', 'Open an account'), description: 'The first log-in must change the password. With `externalId` the identity provider opens it, under that subject, and there is no password.',
  auth: manage,
  body: Account.extend({ staffId: Account.shape.staffId.default(null), password: Password.optional(), externalId: z.string().min(1).max(200).optional() })
    .refine((wanted) => wanted.password === undefined || wanted.externalId === undefined, { path: ['password'], message: 'an account that the identity provider opens has no password' })
    .meta({ not: { required: ['password', 'externalId'] } }),
  bodyExample: { id: 'zhang.san', name: '张三', roles: ['handler'], organ: 'yz-complaints', staffId: 'YZ2001' },
  responses: {
    201: { description: 'It is open.', schema: z.strictObject({ user: UserDto, oneTimePassword: OneTime }).meta({ id: 'NewUser' }), headers: z.object({ location: z.string() }) },
  },
  problems: ['user-exists'],
});

export const listUsers = defineRoute({
  id: 'listUsers', method: 'get', path: '/v1/users', tag: 'users',
  summary: text('账号列表', 'Accounts'), auth: manage,
  query: z.object({ cursor: Name.optional().meta({ description: '`next` of the page before' }), limit: z.coerce.number().int().min(1).max(500).default(100) }),
  responses: { 200: { description: 'A page, by id.', schema: z.strictObject({ items: z.array(UserDto), next: z.string().nullable() }).meta({ id: 'UserList' }) } }, problems: [],
});

export const changeUser = defineRoute({
  id: 'changeUser', method: 'post', path: '/v1/users/{userId}/state', tag: 'users',
  summary: text('停用或启用账号', 'Close an account, or open it again'), description: 'Closing ends its sessions; what it did stays on file. Nobody closes the own account.',
  auth: manage, params: UserParams, body: z.strictObject({ disabled: z.boolean() }), bodyExample: { disabled: true },
  responses: { 200: { description: 'So it is.', schema: UserDto } }, problems: ['unknown-user', 'user-not-changeable'],
});

export const unlockUser = defineRoute({
  id: 'unlockUser', method: 'post', path: '/v1/users/{userId}/unlock', tag: 'users',
  summary: text('解除登录锁定', 'Lift the lock of failed log-ins'), auth: manage, params: UserParams,
  responses: { 200: { description: 'It may log in again.', schema: z.strictObject({ wasLocked: z.boolean().meta({ description: 'whether there were failed log-ins to forget' }) }) } }, problems: ['unknown-user'],
});

export const resetUserPassword = defineRoute({
  id: 'resetUserPassword', method: 'post', path: '/v1/users/{userId}/password', tag: 'users',
  summary: text('重置密码', 'Reset a password'), description: 'Ends the user\'s sessions; the next log-in must change it.',
  auth: manage, params: UserParams, body: z.strictObject({ password: Password.optional() }), bodyExample: {},
  responses: { 200: { description: 'Reset.', schema: z.strictObject({ oneTimePassword: OneTime }) } }, problems: ['unknown-user', 'user-not-changeable'],
});
