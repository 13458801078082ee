/** `wenze user`: local accounts from the operator's shell — how the first administrator comes, and the way back in when nobody can sign in. */
import type { Command } from 'commander';
import { z } from 'zod';
import { Accounts, DemoAccount, UnknownUser, WeakPassword, type AccountView } from '../../api/identity/accounts';
import { LoginAttempts } from '../../api/identity/attempts';
import { FeedLinkStore } from '../../api/identity/feed-links';
import { SessionStore } from '../../api/identity/sessions';
import { UserExists, UserStore } from '../../api/identity/users';
import { UnknownOrgan } from '../../domain/organs';
import { roles } from '../../domain/roles';
import { envOf } from '../env';
import { print, UsageError, type CliIo } from '../io';
import { readNewPassword } from '../password';
import { organTreeOf } from '../organs';
import { recorded as recordedAct, type Refusal } from '../recorded';
import { withStore, type OpenedStore } from '../store';

interface By { readonly by: string }
interface CreateOptions extends By { readonly id: string; readonly name: string; readonly organ: string; readonly roles: string; readonly staffId?: string; readonly oneTime: boolean; readonly externalId?: string }
interface ResetOptions extends By { readonly oneTime: boolean }

const byOption = ['--by <user>', 'who does it, for the audit', 'operator'] as const;

/** Adds the commands. */
export function registerUser(program: Command, io: CliIo): void {
  const user = program.command('user').description('本地账号 · local accounts, straight in MongoDB; every act stands in the audit');
  user.command('create')
    .description('open an account; its password, typed or piped in, must be changed at the first log-in')
    .requiredOption('--id <id>', 'lower-case words joined by . _ or -')
    .requiredOption('--name <name>', 'the name as it is shown')
    .requiredOption('--organ <organ>', 'id of an organ in organs.json')
    .requiredOption('--roles <roles>', `separated by commas, of: ${roles.join(', ')}`)
    .option('--staff-id <number>', 'staff number of the personnel system; by it an officer named in a case is kept out of it')
    .option('--one-time', 'make a password, and print it this once', false)
    .option('--external-id <subject>', 'the identity provider opens it, under this subject; no password')
    .option(...byOption)
    .action((options: CreateOptions) => withAccounts(io, (opened) => create(opened, options, io)));
  user.command('list')
    .description('every account')
    .option('--json', 'answer as JSON lines', false)
    .action((options: { readonly json: boolean }) => withAccounts(io, (opened) => list(opened, options, io)));
  const act = (name: string, description: string, done: string, work: (opened: Opened, id: string) => Promise<unknown>): void => {
    user.command(`${name} <id>`).description(description).option(...byOption)
      .action((id: string, { by }: By) => withAccounts(io, async (opened) => {
        await recorded(opened, `user.${name}`, id, by, () => work(opened, id));
        await print(io, `${id}: ${done}`);
      }));
  };
  act('disable', 'close an account and end its sessions; what it did stays on file', '已停用 disabled', ({ accounts }, id) => accounts.setDisabled(id, true));
  act('enable', 'open a closed account again', '已启用 enabled', ({ accounts }, id) => accounts.setDisabled(id, false));
  act('unlock', 'lift the lock that failed log-ins have set; needs WENZE_TOKEN_SECRET', '已解锁 unlocked', async ({ accounts, hasSecret }, id) => {
    // Names are counted under a keyed hash, so that the collection tells nobody what people typed there.
    if (!hasSecret) throw new UsageError('WENZE_TOKEN_SECRET: is required to find the lock of a name');
    if (!await accounts.unlock(id)) throw new UsageError(`"${id}" is not locked and has no failed log-ins`);
  });
  user.command('reset-password <id>')
    .description('set a password, typed or piped in, that must be changed at the next log-in; ends every session')
    .option('--one-time', 'make a password, and print it this once', false)
    .option(...byOption)
    .action((id: string, options: ResetOptions) => withAccounts(io, (opened) => resetPassword(opened, id, options, io)));
}

interface Opened extends OpenedStore {
  readonly accounts: Accounts;
  readonly hasSecret: boolean;
}

function withAccounts<T>(io: CliIo, work: (opened: Opened) => Promise<T>): Promise<T> {
  return withStore(io, async (opened) => {
    const tree = organTreeOf(io, opened.policyDir);
    const { db } = opened.store.connection;
    const users = new UserStore(db, tree);
    await users.prepare();
    const secret = Buffer.from(tokenSecret(io), 'base64');
    const [sessions, feeds] = [new SessionStore(db, secret), new FeedLinkStore(db)];
    const end = async (id: string): Promise<void> => {
      await sessions.revokeAll(id);
      await feeds.close(id);
    };
    return work({ ...opened, hasSecret: secret.length > 0, accounts: new Accounts(db, users, end, new LoginAttempts(db, secret)) });
  });
}

/** Ending sessions needs no secret, only finding the lock of a name does: empty where there is none. */
function tokenSecret(io: CliIo): string {
  if (!io.env['WENZE_TOKEN_SECRET']) return '';
  return envOf(io, 'WENZE_TOKEN_SECRET').WENZE_TOKEN_SECRET;
}

async function create(opened: Opened, options: CreateOptions, io: CliIo): Promise<void> {
  if (options.oneTime && options.externalId !== undefined) throw new UsageError('--one-time and --external-id: an account that the identity provider opens has no password');
  const account = {
    id: options.id, name: options.name, organ: options.organ, staffId: options.staffId ?? null,
    // Whether these are roles, and go together, is said by the account's own schema.
    roles: options.roles.split(',').map((role) => role.trim()) as AccountView['roles'],
  };
  const how = options.externalId !== undefined ? { externalId: options.externalId } : options.oneTime ? {} : { password: await readNewPassword(io) };
  const { password } = await recorded(opened, 'user.create', options.id, options.by, () => opened.accounts.create(account, how));
  await print(io, `${options.id}: 已建立 created (${account.roles.join(', ')}, ${options.organ})${options.externalId === undefined ? '; 首次登录须改密码 the first log-in must change the password' : ''}`);
  if (password !== null) await print(io, `一次性密码 one-time password: ${password}`);
}

async function resetPassword(opened: Opened, id: string, { oneTime, by }: ResetOptions, io: CliIo): Promise<void> {
  const wanted = oneTime ? undefined : await readNewPassword(io);
  const { password } = await recorded(opened, 'user.reset-password', id, by, () => opened.accounts.resetPassword(id, wanted));
  await print(io, `${id}: 密码已重置,下次登录须修改 reset; the next log-in must change it`);
  if (password !== null) await print(io, `一次性密码 one-time password: ${password}`);
}

async function list({ accounts }: Opened, { json }: { readonly json: boolean }, io: CliIo): Promise<void> {
  for (let after = ''; ;) {
    const page = await accounts.list(after);
    for (const account of page) await print(io, json ? JSON.stringify(account) : lineOf(account));
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

function lineOf(account: AccountView): string {
  const marks = [
    ...(account.disabled ? ['已停用 disabled'] : []), ...(account.mustChangePassword ? ['须改密码 must change its password'] : []),
    ...(account.demo ? ['演示 demo'] : []), ...(account.hasPassword ? [] : ['由统一身份认证登录 by the identity provider']),
  ];
  return `${account.id}  ${account.name}  ${account.organ}  ${account.roles.join(',')}${marks.length === 0 ? '' : `  (${marks.join('; ')})`}`;
}

/** Whose account it was; ids of accounts stand in the audit as the names of users do. */
const recorded = <T>({ store }: Opened, action: string, id: string, by: string, work: () => Promise<T>): Promise<T> =>
  recordedAct(store, { action, by, about: () => id, refusalOf }, work);

function refusalOf(error: unknown): Refusal | null {
  if (error instanceof UserExists) return { code: 'user-exists', message: error.message };
  if (error instanceof UnknownUser) return { code: 'unknown-user', message: error.message };
  if (error instanceof DemoAccount) return { code: 'demo-account', message: error.message };
  if (error instanceof WeakPassword) return { code: 'weak-password', message: error.message };
  if (error instanceof UnknownOrgan) return { code: 'unknown-organ', message: `--organ: ${error.message}` };
  if (error instanceof z.ZodError) return { code: 'invalid-fields', message: error.issues.map((issue) => `--${String(issue.path[0] ?? 'id')}: ${issue.message}`).join('; ') };
  return null;
}
