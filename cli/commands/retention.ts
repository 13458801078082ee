/** `wenze retention`: what is past its term, and its destruction by rule. */
import type { Command } from 'commander';
import { loadRetention } from '../../policy/retention';
import { loadRecordTerms } from '../../policy/records';
import { Requests } from '../../store/queries/requests';
import { RecordRetention } from '../../store/record-retention';
import { RetentionStore, retentionParts } from '../../store/retention';
import { print, UsageError, type CliIo } from '../io';
import { withStore, type OpenedStore } from '../store';

interface Options { readonly dryRun: boolean; readonly apply: boolean; readonly records: boolean; readonly by?: string; readonly json: boolean }

/** Adds the command. */
export function registerRetention(program: Command, io: CliIo): void {
  program.command('retention')
    .description('保管期满销毁 · the confidential part of cases past their term (policy/retention.json); the open part and the hashes stay, and it is on record what was destroyed')
    .option('--dry-run', 'list what is due and what stands against it; changes nothing', false)
    .option('--apply', 'destroy it', false)
    .option('--records', 'instead of cases, the system\'s own records past their term (policy/records.json): remembered requests, days of the audit', false)
    .option('--by <user>', 'who decided; goes on record, needed with --apply')
    .option('--json', 'answer as JSON', false)
    .action((options: Options) => {
      if (options.dryRun === options.apply) throw new UsageError('say either --dry-run or --apply');
      if (options.apply && !options.by) throw new UsageError('--by is missing: destruction goes on record with who decided it');
      return withStore(io, (opened) => (options.records ? runRecords(opened, options, io) : run(opened, options, io)));
    });
}

async function run({ store, keyring, documents, policyDir }: OpenedStore, options: Options, io: CliIo): Promise<void> {
  const retention = new RetentionStore(retentionParts(store, keyring, documents));
  await retention.ensureIndexes();
  const rules = loadRetention(policyDir);
  if (options.dryRun) {
    const due = await retention.due(rules, Date.now());
    if (options.json) return print(io, JSON.stringify(due));
    for (const item of due) await print(io, `${item.caseNumber} ${item.caseType} closed ${item.closedOn}, ${item.years} years, due ${item.dueOn}${item.obstacle === null ? '' : `; 暂缓 kept: ${item.obstacle}`}`);
    return print(io, `${due.length} 件到期 due`);
  }
  const made = await retention.apply(rules, Date.now(), options.by ?? '');
  if (options.json) return print(io, JSON.stringify(made));
  for (const record of made) await print(io, `${record.caseNumber} 已销毁 destroyed: ${record.destroyed.details} details, ${record.destroyed.notices} notices, ${record.destroyed.documents.length} documents; record ${record.hash}`);
  await print(io, `${made.length} 件已销毁 destroyed`);
}

async function runRecords({ store: { connection: { db }, roots, audit }, policyDir }: OpenedStore, options: Options, io: CliIo): Promise<void> {
  const records = new RecordRetention({ requests: new Requests(db), roots, audit });
  const terms = loadRecordTerms(policyDir);
  const found = options.dryRun ? await records.due(terms, Date.now()) : await records.apply(terms, Date.now(), options.by ?? '');
  if (options.json) return print(io, JSON.stringify(found));
  const done = options.dryRun ? '到期 due' : '已销毁 destroyed';
  await print(io, `幂等键 requests: ${found.requests} ${done}${terms.requests === null ? ' (永久 kept for ever)' : ` (${terms.requests} 日 days)`}`);
  await print(io, `访问留痕 audit: ${found.audit.length} 日 days ${done}${terms.audit === null ? ' (永久 kept for ever)' : ` (${terms.audit} 日 days)`}${found.audit.length === 0 ? '' : `: ${found.audit[0] ?? ''} … ${found.audit.at(-1) ?? ''}`}`);
}
