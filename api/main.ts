import type { AddressInfo } from 'node:net';
import type { Importer } from '../bulk';
import { Keyring } from '../crypto/keyring';
import type { DocumentStore } from '../documents';
import { DAY_MS } from '../domain/civil-date';
import { caseDefinitions } from '../domain/cases/registry';
import { loadRecordTerms } from '../policy/records';
import { loadOrganTree } from '../policy/reference';
import { EnvError, readEnv } from '../process/env';
import { announceReady, onShutdown, runMain } from '../process/lifecycle';
import { createLogger } from '../process/log';
import { followLaw, openLaw, openStore, type Store } from '../store';
import { noteKeyRegularly } from '../store/key-use';
import { openQueries, type Queries } from '../store/queries';
import { RecordRetention } from '../store/record-retention';
import { createDataConverter } from '../temporal/codec';
import { openAnnexes } from './annexes';
import { createApi } from './app';
import { auditIdentity, DoorLog } from './http/door';
import { createHttpServer } from './http/server';
import { createAccess, IdentityService, seedDemoUsers, staffTerm } from './identity';
import { connectTemporal } from './temporal/connection';
import { CaseGateway } from './temporal/gateway';

const log = createLogger('api');

/** The API process. Needs MongoDB to begin; Temporal may come later. */
async function main(): Promise<void> {
  const env = readEnv(
    'HOST', 'PORT', 'TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'TEMPORAL_TASK_QUEUE', 'MONGODB_URI', 'MONGODB_DB',
    'WENZE_KEYRING', 'WENZE_TOKEN_SECRET', 'WENZE_DEMO', 'NODE_ENV', 'POLICY_DIR', 'WEBHOOK_NETWORKS', 'TEMPORAL_UI_URL', 'OIDC_ISSUER', 'OIDC_AUDIENCE', 'OIDC_CLAIMS',
    'RATE_LIMIT_PER_MINUTE', 'SIGN_IN_LIMIT_PER_MINUTE', 'TRUSTED_PROXIES');
  if ((env.OIDC_ISSUER === undefined) !== (env.OIDC_AUDIENCE === undefined)) throw new EnvError(['OIDC_ISSUER and OIDC_AUDIENCE: set both or neither; with one alone nobody would know which door is open']);
  const keyring = new Keyring(env.WENZE_KEYRING);
  const organs = loadOrganTree({ policyDir: env.POLICY_DIR, demo: env.WENZE_DEMO });

  const store = await openStore({ uri: env.MONGODB_URI, database: env.MONGODB_DB, keyring });
  onShutdown('store', () => store.close(), log);
  onShutdown('key use', await noteKeyRegularly(store.connection.db, keyring.currentKeyId, (error) => { log.error({ err: error }, 'it could not be put down which key seals'); }), log);
  const law = await openLaw(store.laws, env.POLICY_DIR, Date.now());
  onShutdown('law', followLaw(law, log), log);
  const queries = openQueries(store, keyring);
  await queries.ensureIndexes();

  const door = new DoorLog(queries.audit, log);
  onShutdown('door', () => door.flush(), log);
  const identity = new IdentityService({
    db: store.connection.db, tree: organs, keyring, tokenSecret: env.WENZE_TOKEN_SECRET, demo: env.WENZE_DEMO, audit: auditIdentity(door, queries.audit),
    ...(env.OIDC_ISSUER === undefined || env.OIDC_AUDIENCE === undefined ? {} : { oidc: { issuer: env.OIDC_ISSUER, audience: env.OIDC_AUDIENCE, ...(env.OIDC_CLAIMS === undefined ? {} : { claims: env.OIDC_CLAIMS }) } }),
  });
  await identity.prepare();
  if (env.WENZE_DEMO) await seedDemoUsers(identity.users, organs, { demo: env.WENZE_DEMO, nodeEnv: env.NODE_ENV });

  const { client, connection } = connectTemporal({ address: env.TEMPORAL_ADDRESS, namespace: env.TEMPORAL_NAMESPACE, dataConverter: createDataConverter(keyring) });
  onShutdown('temporal client', () => connection.close(), log);

  const annexes = await openAnnexes(store.connection.db, keyring, { policyDir: env.POLICY_DIR, outbox: { networks: env.WEBHOOK_NETWORKS } });
  const { app, importer } = createApi({
    definitions: caseDefinitions, store, queries, gateway: new CaseGateway(client, env.TEMPORAL_TASK_QUEUE), identity, law, annexes, organs, log, door, jurisdiction: 'cn',
    limits: { perMinute: env.RATE_LIMIT_PER_MINUTE, signInsPerMinute: env.SIGN_IN_LIMIT_PER_MINUTE }, trustedProxies: env.TRUSTED_PROXIES,
    ...(env.TEMPORAL_UI_URL === undefined ? {} : { temporalUiUrl: env.TEMPORAL_UI_URL }),
    access: createAccess({ definitions: caseDefinitions, tree: organs, keyring }),
    blindStaff: (staffId) => keyring.blindUnderAll(staffTerm(staffId)),
  });
  onShutdown('imports', () => importer.stop(), log);
  const outbox = annexes.outbox.dispatcher(log);
  outbox.start();
  onShutdown('outbox', () => outbox.stop(), log);
  onShutdown('upkeep', keepUp(importer, annexes.documents, forgetter(store, queries, env.POLICY_DIR)), log);
  const server = createHttpServer(app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(env.PORT, env.HOST, resolve);
  });
  onShutdown('http', () => new Promise<void>((resolve) => {
    server.close(() => { resolve(); });
    server.closeIdleConnections();
  }), log);
  const { port } = server.address() as AddressInfo;
  announceReady({ name: 'api', url: `http://${env.HOST}:${port}` }, log);
}

/** What forgets requests past their term. The terms are read once, so that a wrong file stops the start. @throws BadPolicy */
function forgetter({ roots, audit }: Store, { requests }: Queries, policyDir: string | undefined): () => Promise<number> {
  const terms = loadRecordTerms(policyDir);
  const records = new RecordRetention({ requests, roots, audit });
  return () => records.forgetRequests(terms, Date.now());
}

/** Takes up imports whose process died, removes the bytes of uploads that never became documents or imports, forgets old requests. Gives the way to stop. */
function keepUp(importer: Importer, documents: DocumentStore, forgetRequests: () => Promise<number>): () => void {
  const failed = (error: unknown): void => { log.error({ err: error }, 'upkeep failed; the next round comes'); };
  const resume = setInterval(() => { importer.resumeAbandoned().catch(failed); }, 30_000);
  const clean = setInterval(() => { Promise.all([documents, importer].map((files) => files.removeOrphans(Date.now() - DAY_MS))).catch(failed); }, DAY_MS / 4);
  const forget = setInterval(() => { forgetRequests().catch(failed); }, DAY_MS / 4);
  return () => {
    clearInterval(resume);
    clearInterval(forget);
    clearInterval(clean);
  };
}

runMain(log, main);
