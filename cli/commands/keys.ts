/** `wenze keys`: which key still seals something, and sealing everything under the current one, so that an old key can leave the ring. */
import type { Command } from 'commander';
import { resealFiles, type ResealFilesReport } from '../../documents/reseal';
import { reseal, type ResealReport } from '../../store/reseal';
import { envOf } from '../env';
import { print, UsageError, type CliIo } from '../io';
import { connectExecutions, type Executions } from '../keys/executions';
import { databasesOf, filePlacesOf, placesOf } from '../keys/places';
import { casesUnderOldKeys, ringStatus, type KeyStatus, type Reason, type RingStatus } from '../keys/status';
import { withStore, type OpenedStore } from '../store';

interface ResealCommandOptions { readonly dryRun: boolean; readonly batch: string; readonly grace: string; readonly json: boolean; readonly by: string }

/** Adds the commands. */
export function registerKeys(program: Command, io: CliIo): void {
  const keys = program.command('keys').description('密钥轮换 · which key of WENZE_KEYRING still seals something, and sealing everything anew');
  keys.command('status')
    .description('what lies sealed under which key in MongoDB, what Temporal still holds, and which key may leave the ring')
    .option('--json', 'answer as JSON', false)
    .action((options: { readonly json: boolean }) => withStore(io, (opened) => status(opened, options, io)));
  keys.command('reseal')
    .description('seal everything in MongoDB under the current key, while the system runs; ended at any moment, it goes on when run again')
    .option('--dry-run', 'only count', false)
    .option('--batch <n>', 'documents read at once', '200')
    .option('--grace <seconds>', 'how long a replaced file is kept for whoever is downloading it', '30')
    .option('--by <user>', 'who does it, for the audit', 'operator')
    .option('--json', 'answer as JSON', false)
    .action((options: ResealCommandOptions) => withStore(io, (opened) => resealAll(opened, options, io)));
}

async function status({ store, keyring }: OpenedStore, { json }: { readonly json: boolean }, io: CliIo): Promise<void> {
  const executions = await openExecutions(io);
  try {
    const found = await ringStatus(store, { current: keyring.currentKeyId, ids: keyring.keyIds }, executions, Date.now());
    if (json) return await print(io, JSON.stringify(found));
    for (const line of described(found)) await print(io, line);
  } finally {
    await executions?.close();
  }
}

/** Temporal, or null with a line that says why not. */
async function openExecutions(io: CliIo): Promise<Executions | null> {
  const env = envOf(io, 'TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE');
  try {
    return await connectExecutions(env.TEMPORAL_ADDRESS, env.TEMPORAL_NAMESPACE);
  } catch (error) {
    io.stderr.write(`Temporal does not answer at TEMPORAL_ADDRESS, so no key may leave: ${error instanceof Error ? error.message : String(error)}\n`);
    return null;
  }
}

const date = (at: number): string => new Date(at).toISOString();

function described({ current, collections, keys }: RingStatus): string[] {
  const width = Math.max(0, ...collections.map((each) => each.collection.length));
  return [
    ...collections.map((each) => `${each.collection.padEnd(width)}  ${each.keyId}  ${each.sealed} 密封 sealed, ${each.indexed} 索引 indexed`),
    ...keys.map((key) => (key.keyId === current ? `${key.keyId}: 当前密钥 seals now` : `${key.keyId}: ${verdictOn(key)}`)),
  ];
}

function verdictOn(key: KeyStatus): string {
  const missing = key.inRing ? '' : '不在密钥环中 NOT IN THE RING; ';
  if (key.needed.length === 0) return `${missing}可以移除 may leave the ring`;
  return `${missing}须保留 is needed: ${key.needed.map((reason) => reasons[reason](key)).join('; ')}`;
}

const reasons: Readonly<Record<Reason, (key: KeyStatus) => string>> = {
  current: () => '当前密钥 seals now',
  stored: ({ sealed, indexed }) => `MongoDB 中 ${sealed} 处密封、${indexed} 项索引 ${sealed} sealed and ${indexed} indexed in MongoDB (wenze keys reseal)`,
  sealing: ({ sealedUntil }) => `有进程仍在使用 a process has sealed under it${sealedUntil === null ? '' : ` until ${date(sealedUntil)}`}; start every process with the new ring`,
  running: ({ executions }) => `${executions?.running ?? 0} 件在办 cases run that were begun under it (${executions?.examples.join(', ') ?? ''})`,
  kept: ({ executions }) => `${executions?.closed ?? 0} 条已结历史 closed histories under it are kept${executions?.keptUntil == null ? '' : ` until ${date(executions.keptUntil)}`}`,
  'temporal-unknown': () => 'Temporal 未答复 Temporal did not answer',
};

async function resealAll({ store, keyring }: OpenedStore, options: ResealCommandOptions, io: CliIo): Promise<void> {
  const [batch, graceMs] = [wholeNumber('--batch', options.batch, 1, 10_000), wholeNumber('--grace', options.grace, 0, 86_400) * 1_000];
  const { dryRun } = options;
  const progress = (report: ResealReport): void => { io.stderr.write(`${report.place}: ${report.seen} 已查 seen, ${report.resealed} ${dryRun ? '待重封 to reseal' : '已重封 resealed'}\n`); };
  if (!dryRun) await store.audit.record({ at: Date.now(), user: options.by, organ: null, action: 'keys.reseal', caseNumber: null, outcome: 'allowed', reason: keyring.currentKeyId, requestId: 'cli' });
  const reports: (ResealReport | ResealFilesReport)[] = [];
  for (const place of placesOf(store, await databasesOf(store), keyring)) reports.push(await reseal(place, { dryRun, batch, progress }));
  for (const place of filePlacesOf(store, keyring)) reports.push(await resealFiles(place, keyring, { dryRun, graceMs, progress }));
  if (options.json) await print(io, JSON.stringify({ current: keyring.currentKeyId, dryRun, places: reports }));
  else for (const report of reports.filter((each) => leftOrDone(each) > 0)) await print(io, lineOf(report, dryRun));
  const total = reports.reduce((sum, each) => sum + each.resealed, 0);
  if (!options.json) await print(io, dryRun ? `${total} 处待重封 to reseal under ${keyring.currentKeyId}` : `${total} 处已重封 resealed under ${keyring.currentKeyId}`);
  const asked = await leaveHistories(store, keyring, dryRun, io);
  if (!options.json && asked > 0) await print(io, dryRun ? `${asked} 件在办案件须转入新的历史 running cases to be asked to leave their history` : `${asked} 件在办案件已请转入新的历史 running cases asked to leave their history; status shows when they have`);
  const unopened = reports.filter((each) => each.unopened.count > 0);
  if (unopened.length > 0) throw new UsageError(`不能开启 cannot be opened: ${unopened.map((each) => `${each.place} ${each.unopened.count} (${each.unopened.ids.slice(0, 5).join(', ')})`).join('; ')}`);
}

/** Histories cannot be changed: every case that runs in one begun under an old key is asked to go on in a new one. Gives how many. */
async function leaveHistories(store: OpenedStore['store'], keyring: OpenedStore['keyring'], dryRun: boolean, io: CliIo): Promise<number> {
  const executions = await openExecutions(io);
  if (executions === null) return 0;
  try {
    const cases = await casesUnderOldKeys(store, { current: keyring.currentKeyId, ids: keyring.keyIds }, executions, Date.now());
    if (!dryRun) for (const caseNumber of cases) await executions.goOn(caseNumber);
    return cases.size;
  } finally {
    await executions.close();
  }
}

const busyOf = (report: ResealReport | ResealFilesReport): number => ('busy' in report ? report.busy : 0);
const removedOf = (report: ResealReport | ResealFilesReport): number => ('removed' in report ? report.removed : 0);
const leftOrDone = (report: ResealReport): number => report.resealed + report.overtaken + report.unmatched + busyOf(report) + removedOf(report);

function lineOf(report: ResealReport, dryRun: boolean): string {
  const rest = [
    [report.overtaken, '又被改写,请再执行 written meanwhile, run again'], [busyOf(report), '正在使用,请稍后再执行 in use, run again later'],
    [removedOf(report), '无主文件已清除 left by a crash and removed'], [report.unmatched, '索引项无对应工号 index entries that no known staff number gives'],
  ].flatMap(([count, words]) => (count === 0 ? [] : [`; ${count} ${words}`]));
  return `${report.place}: ${report.resealed} ${dryRun ? '待重封 to reseal' : '已重封 resealed'}${rest.join('')}`;
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) throw new UsageError(`${option}: "${text}" is not a whole number from ${least} to ${most}`);
  return value;
}
