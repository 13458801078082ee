/** `wenze root`: makes the daily roots that are due, or checks all there are. The worker makes them by itself; this is for whoever publishes or doubts them. */
import type { Command } from 'commander';
import { isCivilDate } from '../../domain/civil-date';
import { print, UsageError, type CliIo } from '../io';
import { withStore, type OpenedStore } from '../store';

interface Options { readonly day?: string; readonly check: boolean; readonly json: boolean }

/** Adds the command. */
export function registerRoot(program: Command, io: CliIo): void {
  program.command('root')
    .description('每日总摘要 · make the daily roots that are due (the worker does so too; it should be running); each root is a hash over every case that moved that day and the audit')
    .option('--day <date>', 'show the root of a day, YYYY-MM-DD')
    .option('--check', 'check every root, the cases under it, the audit, and the records of destruction', false)
    .option('--json', 'answer as JSON', false)
    .action((options: Options) => withStore(io, (opened) => run(opened, options, io)));
}

async function run(opened: OpenedStore, options: Options, io: CliIo): Promise<void> {
  if (options.check) return check(opened, options, io);
  if (options.day !== undefined) return show(opened, options.day, options, io);
  const made = await opened.store.roots.makeDue(Date.now());
  if (options.json) return print(io, JSON.stringify(made));
  for (const root of made) await print(io, `${root.day} ${root.hash} (${root.cases} cases, ${root.audit.entries} audit entries)`);
  if (made.length === 0) await print(io, '没有待作的总摘要 no root is due');
}

async function show({ store }: OpenedStore, day: string, { json }: Options, io: CliIo): Promise<void> {
  if (!isCivilDate(day)) throw new UsageError(`--day: "${day}" is not a date of the form YYYY-MM-DD that exists`);
  const root = await store.roots.find(day);
  if (root === null) throw new UsageError(`no root of ${day} has been made`);
  await print(io, json ? JSON.stringify(root) : `${root.day} ${root.hash} (${root.cases} cases, ${root.audit.entries} audit entries)`);
}

async function check({ store }: OpenedStore, { json }: Options, io: CliIo): Promise<void> {
  const [roots, records] = [await store.roots.verify(), await store.destructions.verify()];
  if (json) await print(io, JSON.stringify({ roots, destructions: records }));
  const fault = 'fault' in roots ? roots.fault : 'fault' in records ? records.fault : null;
  if (fault !== null) throw new UsageError(`does not hold: ${fault.place}: ${fault.what.zh} ${fault.what.en}`);
  if (!json && 'days' in roots && 'records' in records) {
    await print(io, `${roots.days} 个总摘要、${records.records} 条销毁记录成立 ${roots.days} roots and ${records.records} records of destruction hold${roots.last === null ? '' : `; last ${roots.last.day} ${roots.last.hash}`}`);
  }
}
