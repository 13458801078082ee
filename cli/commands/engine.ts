/** `wenze engine`: whether Temporal is the one that goes with the case file, what it does not know, and going on with it all the same. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { Keyring } from '../../crypto/keyring';
import { createDataConverter } from '../../temporal/codec';
import { EngineMark } from '../../temporal/mark';
import { exportCase } from '../../store/export-case';
import type { Mark } from '../../domain/mark';
import { engineFault, FileMark } from '../../store/marks';
import { envOf } from '../env';
import { print, UsageError, type CliIo } from '../io';
import { comparedWithEngine, type Difference } from '../engine/compare';
import { withStore, type OpenedStore } from '../store';
import { keep } from './export';

interface AcceptOptions { readonly keep: string; readonly by: string }

/** Adds the commands. */
export function registerEngine(program: Command, io: CliIo): void {
  const engine = program.command('engine').description('流程引擎核对 · whether Temporal is the one that goes with the case file, and what it does not know of it');
  engine.command('status')
    .description('the marks of the two, and every case that Temporal does not know, or knows as it was before')
    .option('--json', 'answer as JSON', false)
    .action((options: { readonly json: boolean }) => withStore(io, (opened) => status(opened, options, io)));
  engine.command('accept')
    .description('go on with a Temporal that is older or another: with every worker stopped; the cases it is behind on fall back to what it knows, each kept before as an export')
    .requiredOption('--keep <folder>', 'where the exports of these cases go')
    .requiredOption('--by <user>', 'who does it, for the audit')
    .action((options: AcceptOptions) => withStore(io, (opened) => accept(opened, options, io)));
}

interface Found { readonly file: Mark | null; readonly engine: Mark | null; readonly fault: ReturnType<typeof engineFault>; readonly cases: readonly Difference[] }

async function status(opened: OpenedStore, { json }: { readonly json: boolean }, io: CliIo): Promise<void> {
  const found = await compare(opened, io);
  if (json) return print(io, JSON.stringify(found));
  await print(io, `MongoDB: ${described(found.file)}`);
  await print(io, `Temporal: ${described(found.engine)}`);
  await print(io, found.fault === null ? '配套 they go together' : verdicts[found.fault]);
  for (const { caseNumber, difference } of found.cases) await print(io, `${caseNumber}: ${differences[difference]}`);
}

const described = (mark: Mark | null): string => (mark === null || mark.n === 0 ? '没有标记 no mark' : `${new Date(mark.at).toISOString()} (${mark.id.slice(0, 8)} no. ${mark.n})`);
const verdicts = {
  older: '流程引擎较旧 Temporal is older than MongoDB: no worker starts',
  another: '不是配套的流程引擎 Temporal belongs to another MongoDB: no worker starts',
  unmarked: '流程引擎不认识本案卷 Temporal has never seen this MongoDB: no worker starts',
} as const;
const differences: Readonly<Record<Difference['difference'], string>> = {
  unknown: '流程引擎中没有 open on file, unknown to Temporal',
  behind: '流程引擎较旧 Temporal is behind the file',
};

async function compare({ store, keyring }: OpenedStore, io: CliIo): Promise<Found> {
  return withTemporal(io, keyring, async (client) => {
    const { connection, options: { namespace } } = client;
    const [file, engine] = [await new FileMark(store.connection.db).find(), await new EngineMark(connection, namespace).find()];
    const cases: Difference[] = [];
    for await (const difference of comparedWithEngine(store.connection.collections, client, engine?.at ?? 0)) cases.push(difference);
    return { file, engine, fault: engineFault(file, engine), cases };
  });
}

async function accept(opened: OpenedStore, { keep: folder, by }: AcceptOptions, io: CliIo): Promise<void> {
  const { store, law, documents } = opened;
  const found = await compare(opened, io);
  if (found.fault === null) throw new UsageError('MongoDB and Temporal go together: there is nothing to accept');
  const { collections, db } = store.connection;
  mkdirSync(folder, { recursive: true });
  await store.audit.record({ at: Date.now(), user: by, organ: null, action: 'engine.accept', caseNumber: null, outcome: 'allowed', reason: found.fault, requestId: 'cli' });
  for (const { caseNumber, difference } of found.cases) {
    await store.audit.record({ at: Date.now(), user: by, organ: null, action: 'personal.unmask', caseNumber, outcome: 'allowed', reason: `engine.${difference}`, requestId: 'cli' });
    const file = path.join(folder, `${caseNumber}.zip`);
    await keep((await exportCase({ store, law, documents }, caseNumber, { redacted: false })).stream, file);
    await print(io, `${caseNumber}: ${differences[difference]} → ${file}`);
  }
  // Only now, with everything kept: what Temporal knows is to be written over these, whatever their place in a history that is gone.
  for (const { caseNumber } of found.cases.filter((each) => each.difference === 'behind')) {
    await collections.events.updateMany({ caseNumber }, { $set: { fence: 0 } });
    await store.seals.seals.updateOne({ _id: caseNumber }, { $set: { fence: 0 } });
    await collections.cases.deleteOne({ _id: caseNumber });
  }
  await new FileMark(db).part();
  await print(io, '可以启动 start the workers: they write these cases as Temporal knows them; those unknown to Temporal stay on file and are to be opened anew');
}

async function withTemporal<T>(io: CliIo, keyring: Keyring, work: (client: Client) => Promise<T>): Promise<T> {
  // Loaded here: half of the time that any other command takes would go into it.
  const temporal = await import('@temporalio/client');
  const env = envOf(io, 'TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE');
  const connection = await temporal.Connection.connect({ address: env.TEMPORAL_ADDRESS, connectTimeout: 5_000 })
    .catch((error: unknown) => { throw new UsageError(`Temporal does not answer at TEMPORAL_ADDRESS: ${error instanceof Error ? error.message : String(error)}`); });
  try {
    return await work(new temporal.Client({ connection, namespace: env.TEMPORAL_NAMESPACE, dataConverter: createDataConverter(keyring) }));
  } finally {
    await connection.close();
  }
}
