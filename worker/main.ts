import { Client, Connection } from '@temporalio/client';
import { Runtime } from '@temporalio/worker';
import { createActivities } from '../activities';
import { findHeadIn } from '../activities/staff';
import { Keyring } from '../crypto/keyring';
import { loadOrganTree } from '../policy/reference';
import { readEnv } from '../process/env';
import { announceReady, onShutdown } from '../process/lifecycle';
import { createLogger } from '../process/log';
import { followLaw, openLaw, openStore } from '../store';
import { noteKeyRegularly } from '../store/key-use';
import { FileMark } from '../store/marks';
import { SystemsClient } from '../systems/client';
import { createDataConverter } from '../temporal/codec';
import { EngineMark } from '../temporal/mark';
import { Pair } from './pair';
import { recalculate } from './recalculate';
import { RefusedByStore } from './refused';
import { repair } from './repair';
import { registerSearchAttributes } from './search-attributes';
import { rootsRegularly } from './roots';
import { sweepRegularly } from './sweep';
import { createWorker } from './worker';

/** The worker process: procedures and their calls out, the sweep for lost timers, the repair after a crash. */
async function main(): Promise<void> {
  const env = readEnv(
    'TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'TEMPORAL_TASK_QUEUE', 'MONGODB_URI', 'MONGODB_DB', 'PERSONNEL_URL', 'RECORDS_URL',
    'SYSTEMS_TOKEN', 'WENZE_KEYRING', 'WENZE_DEMO', 'POLICY_DIR', 'WORKER_METRICS_PORT', 'HOST');
  const log = createLogger('worker');
  Runtime.install({
    shutdownSignals: [],
    ...(env.WORKER_METRICS_PORT === undefined ? {} : { telemetryOptions: { metrics: { prometheus: { bindAddress: `${env.HOST}:${env.WORKER_METRICS_PORT}` } } } }),
  });

  const keyring = new Keyring(env.WENZE_KEYRING);
  const organs = loadOrganTree({ policyDir: env.POLICY_DIR, demo: env.WENZE_DEMO });
  const store = await openStore({ uri: env.MONGODB_URI, database: env.MONGODB_DB, keyring });
  onShutdown('store', () => store.close(), log);
  onShutdown('key use', await noteKeyRegularly(store.connection.db, keyring.currentKeyId, (error) => { log.error({ err: error }, 'it could not be put down which key seals'); }), log);
  const law = await openLaw(store.laws, env.POLICY_DIR, Date.now());

  const connection = await Connection.connect({ address: env.TEMPORAL_ADDRESS });
  onShutdown('temporal client', () => connection.close(), log);
  await registerSearchAttributes(connection, env.TEMPORAL_NAMESPACE);
  const client = new Client({ connection, namespace: env.TEMPORAL_NAMESPACE, dataConverter: createDataConverter(keyring) });
  const pair = new Pair(new FileMark(store.connection.db), new EngineMark(connection, env.TEMPORAL_NAMESPACE), (since) => repair(store, client, organs, since), log);
  await pair.prove();

  const refused = new RefusedByStore();
  const { worker, connection: native } = await createWorker({
    address: env.TEMPORAL_ADDRESS, namespace: env.TEMPORAL_NAMESPACE, taskQueue: env.TEMPORAL_TASK_QUEUE, keyring,
    activities: refused.watch(createActivities({
      store, law, organs, jurisdiction: 'cn', findHead: findHeadIn(store.connection.db),
      systems: new SystemsClient({ personnelUrl: env.PERSONNEL_URL, recordsUrl: env.RECORDS_URL, token: env.SYSTEMS_TOKEN }),
    })),
  });
  onShutdown('temporal worker connection', () => native.close(), log);
  const running = worker.run();
  onShutdown('worker', async () => { worker.shutdown(); await running; }, log);
  onShutdown('sweep', sweepRegularly(store.cases, client, refused, log), log);
  onShutdown('roots', rootsRegularly(store, () => client.workflowService.describeNamespace({ namespace: env.TEMPORAL_NAMESPACE }), log), log);
  announceReady({ name: 'worker', taskQueue: env.TEMPORAL_TASK_QUEUE }, log);

  // Repair asks the workflows themselves, so it needs the worker running; what it finds is mended beside the day's work.
  const paired = pair.regularly();
  onShutdown('pair', paired.stop, log);
  const tellOfTheLaw = async (stopping?: AbortSignal): Promise<void> => {
    const told = await recalculate(store, client, law, stopping);
    if (told.length > 0) log.info({ cases: told.length }, 'running cases were told of the law in force');
  };
  tellOfTheLaw().catch((error: unknown) => log.error({ err: error }, 'recalculation failed; the next change of the law, or the next start, tries again'));
  onShutdown('law', followLaw(law, log, tellOfTheLaw), log);
  await Promise.race([running, paired.wrong]);
}

main().catch((error: unknown) => {
  createLogger('worker').fatal({ err: error }, 'the worker cannot run');
  process.exitCode = 1;
  setTimeout(() => process.exit(1), 1_000).unref();
});
