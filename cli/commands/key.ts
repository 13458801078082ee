/** `wenze key`: the keys of other systems from the operator's shell — where there is no administrator at hand, and the way to end a key that became known. */
import type { Command } from 'commander';
import { z } from 'zod';
import { ApiKeyStore, ExpiryPassed, scopes, type KeyRequest, type KeyView } from '../../api/identity/api-keys';
import { addDays, isCivilDate, startOfDay } from '../../domain/civil-date';
import { soleRoles } from '../../domain/identity';
import { UnknownOrgan } from '../../domain/organs';
import { roles } from '../../domain/roles';
import { print, UsageError, type CliIo } from '../io';
import { organTreeOf } from '../organs';
import { recorded, type Refusal } from '../recorded';
import { withStore, type OpenedStore } from '../store';

interface By { readonly by: string }
interface AddOptions extends By { readonly name: string; readonly organ: string; readonly roles: string; readonly scopes: string; readonly until?: string }

const byOption = ['--by <user>', 'who does it, for the audit', 'operator'] as const;
const officers = roles.filter((role) => !(soleRoles as readonly string[]).includes(role));

/** Adds the commands. */
export function registerKey(program: Command, io: CliIo): void {
  const key = program.command('key').description('系统密钥 · API keys of other systems, straight in MongoDB; every act stands in the audit (`keys` are those that seal)');
  key.command('add')
    .description('make a key and print it this once; the system sends it as X-API-Key')
    .requiredOption('--name <name>', 'the system, as it is shown')
    .requiredOption('--organ <organ>', 'id of an organ in organs.json, as an officer of which it acts')
    .requiredOption('--roles <roles>', `separated by commas, of: ${officers.join(', ')}`)
    .requiredOption('--scopes <scopes>', `what of that it may do, separated by commas, of: ${scopes.join(', ')}`)
    .option('--until <day>', 'its last day, YYYY-MM-DD in Asia/Shanghai; left out, it is good until it is revoked')
    .option(...byOption)
    .action((options: AddOptions) => withStore(io, (opened) => add(opened, options, io)));
  key.command('list')
    .description('every key, the newest first, those that have ended included; never the keys themselves')
    .option('--json', 'answer as JSON lines', false)
    .action((options: { readonly json: boolean }) => withStore(io, (opened) => list(opened, options, io)));
  key.command('revoke <id>')
    .description('end a key for good; a running API takes it for five seconds more at most')
    .option(...byOption)
    .action((id: string, { by }: By) => withStore(io, (opened) => revoke(opened, id, by, io)));
}

const keysOf = ({ store }: OpenedStore): ApiKeyStore => new ApiKeyStore(store.connection.db);
const split = (list: string): string[] => list.split(',').map((each) => each.trim());

async function add(opened: OpenedStore, { name, organ, until, by, ...given }: AddOptions, io: CliIo): Promise<void> {
  const { view, key } = await recorded(opened.store, { action: 'key.create', by, about: (done) => done?.view.id, refusalOf }, async () => {
    // Whether these are roles and scopes that a key may have is said by its own schema.
    const request = { name, organ, roles: split(given.roles), scopes: split(given.scopes), expiresAt: until === undefined ? null : endOf(until) } as KeyRequest;
    return keysOf(opened).issue(request, by, organTreeOf(io, opened.policyDir));
  });
  await print(io, `${view.id}: 已建立 created; ${lineOf(view)}`);
  await print(io, `密钥,仅显示这一次 the key, shown this once: ${key}`);
}

/** The first moment after a day in Asia/Shanghai, in milliseconds. @throws UsageError */
function endOf(day: string): number {
  if (!isCivilDate(day)) throw new UsageError(`--until: "${day}" is no day YYYY-MM-DD`);
  return startOfDay(addDays(day, 1));
}

async function list(opened: OpenedStore, { json }: { readonly json: boolean }, io: CliIo): Promise<void> {
  const keys = keysOf(opened);
  for (let cursor: string | null | undefined; cursor !== null;) {
    const { items, next } = await keys.page({ cursor, limit: 100 });
    for (const each of items) await print(io, json ? JSON.stringify(each) : `${each.id}  ${lineOf(each)}`);
    cursor = next;
  }
}

async function revoke(opened: OpenedStore, id: string, by: string, io: CliIo): Promise<void> {
  const keys = keysOf(opened);
  await recorded(opened.store, { action: 'key.revoke', by, about: () => id, refusalOf }, async () => {
    if (await keys.revoke(id, by)) return;
    throw new UsageError(await keys.find(id) === null ? `no key "${id}"` : `"${id}" was revoked before`);
  });
  await print(io, `${id}: 已吊销 revoked`);
}

const states = { active: '有效 active', expired: '已过期 expired', revoked: '已吊销 revoked' } as const satisfies Record<KeyView['state'], string>;
const at = (instant: number): string => new Date(instant).toISOString();

function lineOf({ name, organ, roles: held, scopes: given, state, expiresAt, createdBy, lastUsedAt, revokedBy }: KeyView): string {
  const marks = [
    revokedBy === null ? states[state] : `${states[state]} by ${revokedBy}`, `建立 created by ${createdBy}`,
    expiresAt === null ? '长期 no end' : `至 until ${at(expiresAt)}`, lastUsedAt === null ? '未使用 never used' : `最近使用 last used ${at(lastUsedAt)}`,
  ];
  return `${name}  ${organ}  ${held.join(',')}  ${given.join(',')}  (${marks.join('; ')})`;
}

function refusalOf(error: unknown): Refusal | null {
  if (error instanceof UnknownOrgan) return { code: 'unknown-organ', message: `--organ: ${error.message}` };
  if (error instanceof ExpiryPassed) return { code: 'expiry-passed', message: `--until: ${error.message}` };
  if (error instanceof z.ZodError) return { code: 'invalid-fields', message: error.issues.map((issue) => `--${String(issue.path[0] ?? 'name')}: ${issue.message}`).join('; ') };
  return null;
}
