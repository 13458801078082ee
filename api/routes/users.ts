import { UnknownOrgan } from '../../domain/organs';
import type { contract } from '../contract';
import type { Call, Reply } from '../http/bind';
import { DemoAccount, UnknownUser, WeakPassword, type AccountView } from '../identity/accounts';
import { UserExists } from '../identity/users';
import type { Service } from '../parts';
import { instant } from '../present/case';
import { problem, type ApiProblem } from '../problems';
import { recordAccess } from './find-case';

type CreateRoute = typeof contract.createUser;
type ListRoute = typeof contract.listUsers;
type ChangeRoute = typeof contract.changeUser;
type UnlockRoute = typeof contract.unlockUser;
type ResetRoute = typeof contract.resetUserPassword;

const present = (account: AccountView) => ({ ...account, roles: [...account.roles], createdAt: instant(account.createdAt), passwordChangedAt: instant(account.passwordChangedAt) });

/** Whose account it was stands where a refusal has its reason: an auditor asks for nothing else. */
const recorded = (service: Service, call: Call<CreateRoute> | Call<ChangeRoute> | Call<UnlockRoute> | Call<ResetRoute>, action: string, user: string): Promise<void> =>
  recordAccess(service, { caller: call.caller, requestId: call.requestId }, action, { caseNumber: null, outcome: 'allowed', reason: user });

/** POST /v1/users */
export const createUser = (service: Service) => async (call: Call<CreateRoute>): Promise<Reply<CreateRoute>> => {
  const { password, externalId, ...account } = call.body;
  const made = await orProblem(() => service.identity.accounts.create(account, { ...(password === undefined ? {} : { password }), ...(externalId === undefined ? {} : { externalId }) }));
  await recorded(service, call, 'user.create', account.id);
  return {
    status: 201, headers: { Location: `/v1/users/${account.id}`, 'Cache-Control': 'no-store' },
    body: { user: present(await service.identity.accounts.get(account.id)), oneTimePassword: made.password },
  };
};

/** GET /v1/users */
export const listUsers = (service: Service) => async (call: Call<ListRoute>): Promise<Reply<ListRoute>> => {
  const { cursor, limit } = call.query;
  const found = await service.identity.accounts.list(cursor ?? '', limit + 1);
  const page = found.slice(0, limit);
  return { status: 200, body: { items: page.map(present), next: found.length > limit ? page.at(-1)?.id ?? null : null } };
};

/** POST /v1/users/{userId}/state */
export const changeUser = (service: Service) => async (call: Call<ChangeRoute>): Promise<Reply<ChangeRoute>> => {
  const { userId } = call.params;
  const { disabled } = call.body;
  // Whoever is signed in is there to undo a mistake; so the last administrator never goes by the own hand.
  if (disabled && userId === call.caller.id) throw problem('user-not-changeable', '不能停用本人账号', 'nobody closes the own account');
  await orProblem(() => service.identity.accounts.setDisabled(userId, disabled));
  await recorded(service, call, disabled ? 'user.disable' : 'user.enable', userId);
  return { status: 200, body: present(await service.identity.accounts.get(userId)) };
};

/** POST /v1/users/{userId}/unlock */
export const unlockUser = (service: Service) => async (call: Call<UnlockRoute>): Promise<Reply<UnlockRoute>> => {
  const wasLocked = await orProblem(() => service.identity.accounts.unlock(call.params.userId));
  await recorded(service, call, 'user.unlock', call.params.userId);
  return { status: 200, body: { wasLocked } };
};

/** POST /v1/users/{userId}/password */
export const resetUserPassword = (service: Service) => async (call: Call<ResetRoute>): Promise<Reply<ResetRoute>> => {
  const { userId } = call.params;
  const { password } = await orProblem(() => service.identity.accounts.resetPassword(userId, call.body.password));
  await recorded(service, call, 'user.reset-password', userId);
  return { status: 200, headers: { 'Cache-Control': 'no-store' }, body: { oneTimePassword: password } };
};

async function orProblem<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw problemOf(error) ?? error;
  }
}

function problemOf(error: unknown): ApiProblem | null {
  const field = (path: string, zh: string, message: string): ApiProblem => problem('invalid-fields', zh, message, { errors: [{ path, message }], cause: error });
  if (error instanceof UserExists) return problem('user-exists', '账号或身份标识已被占用', error.message, { cause: error });
  if (error instanceof UnknownUser) return problem('unknown-user', '没有这个账号', error.message, { cause: error });
  if (error instanceof DemoAccount) return problem('user-not-changeable', '演示账号不可更改', error.message, { cause: error });
  if (error instanceof WeakPassword) return field('password', '密码过于简单', error.message);
  if (error instanceof UnknownOrgan) return field('organ', '没有这个机构', error.message);
  return null;
}
