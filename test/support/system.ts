import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { DefaultLogger, Runtime, type Worker } from '@temporalio/worker';
import { createActivities } from '../../activities';
import { openAnnexes, type AnnexOptions } from '../../api/annexes';
import { createApi } from '../../api/app';
import { auditIdentity, DoorLog } from '../../api/http/door';
import { createAccess, demoPassword, IdentityService, seedDemoUsers, staffTerm } from '../../api/identity';
import type { LimitOptions } from '../../api/http/gates';
import { connectTemporal } from '../../api/temporal/connection';
import { CaseGateway, type Deadlines } from '../../api/temporal/gateway';
import { WenzeClient } from '../../client';
import { Keyring, type KeyringData } from '../../crypto/keyring';
import type { CaseDefinition } from '../../domain/case-definition';
import { caseDefinitions } from '../../domain/cases/registry';
import type { OrganTree } from '../../domain/organs';
import { demoOrganTree, demoUsers } from '../../policy/demo';
import { loadLaw } from '../../policy/load';
import { openStore, type Store } from '../../store';
import { openQueries, type Queries } from '../../store/queries';
import { createSystemsApp, type Fault } from '../../systems/app';
import { SystemsClient } from '../../systems/client';
import { createDataConverter } from '../../temporal/codec';
import { createWorker } from '../../worker/worker';
import { bundleOnce } from './bundle';
import { personOf } from './case-world';
import { startMongo, startTemporal, type MongoServer, type TemporalServer } from './servers';

const systemsToken = 'test-systems-token';
const taskQueue = 'api-tests';

export interface SystemOptions {
  readonly definitions?: readonly CaseDefinition[];
  /** Module that exports the workflows, where it is not the product's. */
  readonly workflowsPath?: string;
  readonly limits?: Partial<LimitOptions>;
  readonly trustedProxies?: readonly string[];
  readonly annexes?: AnnexOptions;
  /** Address of the Temporal UI whose page may have payloads opened. */
  readonly temporalUiUrl?: string;
  readonly deadlines?: Deadlines;
  /** For how long a token once checked is taken again unseen. */
  readonly identityCacheMs?: number;
}

/** The whole system in one test: real Temporal, real MongoDB wire server, worker, reference systems over HTTP, and the API over HTTP. */
export class TestSystem {
  /** What the reference systems do wrong on purpose. */
  fault: Fault | undefined;
  /** Every line the API has logged. */
  readonly logLines: string[] = [];
  url = '';
  /** What was refused at the door and is not written yet. */
  door!: DoorLog;
  private readonly clients = new Map<string, WenzeClient>();
  private readonly closers: (() => Promise<void> | void)[] = [];
  private worker: { readonly worker: Worker; readonly running: Promise<void>; readonly close: () => Promise<void> } | undefined;

  private constructor(
    readonly temporal: TemporalServer, readonly mongo: MongoServer, public store: Store, public queries: Queries, public keyring: Keyring,
    /** As a process finds it in WENZE_KEYRING. */
    public keyringData: KeyringData,
    private readonly options: SystemOptions,
  ) {}

  static async start(options: SystemOptions = {}): Promise<TestSystem> {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    const [temporal, mongo] = await Promise.all([startTemporal(), startMongo()]);
    const keyringData = { current: 'k1', keys: { k1: randomBytes(32).toString('base64') } };
    const keyring = new Keyring(keyringData);
    const store = await openStore({ uri: mongo.uri, database: 'wenze', keyring, timeoutMs: 2_000 });
    const queries = openQueries(store, keyring);
    await queries.ensureIndexes();
    const system = new TestSystem(temporal, mongo, store, queries, keyring, keyringData, options);
    await system.serve();
    await system.startWorker();
    return system;
  }

  private async serve(): Promise<void> {
    const { client, connection } = connectTemporal({ address: this.temporal.address, namespace: this.temporal.namespace, dataConverter: createDataConverter(this.keyring) });
    const definitions = this.options.definitions ?? caseDefinitions;
    const organs = demoOrganTree();
    const blindStaff = (staffId: string): readonly string[] => this.keyring.blindUnderAll(staffTerm(staffId));
    const annexes = await openAnnexes(this.store.connection.db, this.keyring, { maxDocumentBytes: 2_000_000, outbox: { networks: ['127.0.0.0/8'], settleMs: 0, pollMs: 20 }, ...this.options.annexes });
    const log = pino({ level: 'info' }, { write: (line: string) => { this.logLines.push(line); } });
    this.door = new DoorLog(this.queries.audit, log);
    const { app, importer } = createApi({
      annexes, door: this.door,
      definitions, store: this.store, queries: this.queries, gateway: new CaseGateway(client, taskQueue, this.options.deadlines),
      identity: await this.openIdentity(organs), law: loadLaw(), jurisdiction: 'cn',
      access: createAccess({ definitions, tree: organs, keyring: this.keyring }),
      organs, blindStaff, checkReplies: true,
      log,
      ...(this.options.limits === undefined ? {} : { limits: this.options.limits }),
      ...(this.options.trustedProxies === undefined ? {} : { trustedProxies: this.options.trustedProxies }),
      ...(this.options.temporalUiUrl === undefined ? {} : { temporalUiUrl: this.options.temporalUiUrl }),
    });
    const dispatcher = annexes.outbox.dispatcher({ warn: () => undefined, error: (line, message) => { this.logLines.push(`${message} ${JSON.stringify(line)}`); } });
    dispatcher.start();
    this.closers.push(() => dispatcher.stop(), () => importer.stop());
    const http = createServer(app);
    this.url = await listen(http);
    this.closers.push(() => connection.close(), () => shut(http));
  }

  private async openIdentity(tree: OrganTree): Promise<IdentityService> {
    const identity = new IdentityService({ db: this.store.connection.db, tree, keyring: this.keyring, tokenSecret: randomBytes(32).toString('base64'), demo: true, cacheMs: this.options.identityCacheMs ?? 5_000, audit: auditIdentity(this.door, this.queries.audit) });
    await identity.prepare();
    await seedDemoUsers(identity.users, tree, { demo: true, nodeEnv: 'test' });
    return identity;
  }

  /** Starts the worker, and with the first one the reference systems. */
  async startWorker(): Promise<void> {
    if (this.worker !== undefined) return;
    const systemsUrl = await this.startSystems();
    const { worker, connection } = await createWorker({
      address: this.temporal.address, namespace: this.temporal.namespace, taskQueue, keyring: this.keyring,
      bundle: await bundleOnce(this.options.workflowsPath),
      activities: createActivities({
        store: this.store, law: loadLaw(), organs: demoOrganTree(), jurisdiction: 'cn',
        systems: new SystemsClient({ personnelUrl: `${systemsUrl}/personnel`, recordsUrl: `${systemsUrl}/records`, token: systemsToken, timeoutMs: 2_000 }),
        findHead: (organ) => {
          const head = demoUsers().find((user) => user.organ === organ && user.roles.includes('leader'));
          return Promise.resolve(head === undefined ? null : personOf(head.id, 'organ-head'));
        },
      }),
    });
    this.worker = { worker, running: worker.run(), close: () => connection.close() };
  }

  /** Lets the worker finish and stops it. */
  async stopWorker(): Promise<void> {
    if (this.worker === undefined) return;
    const { worker, running, close } = this.worker;
    this.worker = undefined;
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await running;
    await close();
  }

  private systemsUrl: string | undefined;

  private async startSystems(): Promise<string> {
    if (this.systemsUrl !== undefined) return this.systemsUrl;
    const { client } = this.store.connection;
    const { app, prepare } = createSystemsApp({
      personnelDb: client.db('wenze_personnel'), recordsDb: client.db('wenze_records'), keyring: this.keyring, token: systemsToken,
      log: { error: () => undefined }, faults: () => this.fault,
    });
    await prepare();
    const http = createServer(app);
    this.systemsUrl = await listen(http);
    this.closers.push(() => shut(http));
    return this.systemsUrl;
  }

  /** The client of a demo user, signed in once. */
  async as(user: string): Promise<WenzeClient> {
    const known = this.clients.get(user);
    if (known !== undefined) return known;
    const client = await WenzeClient.login(this.url, user, demoPassword);
    this.clients.set(user, client);
    return client;
  }

  /** A request by hand, for what the typed client would never send. */
  async raw(user: string | null, method: string, path: string, init: { readonly body?: string | Uint8Array; readonly headers?: Record<string, string> } = {}): Promise<RawAnswer> {
    const token = user === null ? undefined : (await this.as(user)).token;
    const response = await fetch(`${this.url}${path}`, {
      method, redirect: 'manual', signal: AbortSignal.timeout(30_000),
      headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...init.headers },
      ...(init.body === undefined ? {} : { body: init.body }),
    });
    const text = await response.text();
    // An error of ours is never what a test is about: it shows its cause.
    if (response.status === 500) throw new Error(`${method} ${path} answered 500: ${this.logLines.findLast((line) => line.includes('a request failed')) ?? text}`);
    const type = response.headers.get('content-type') ?? '';
    return { status: response.status, headers: response.headers, type, text, body: type.includes('json') ? JSON.parse(text) as Record<string, unknown> : {} };
  }

  /** The same with a JSON body. */
  send(user: string | null, method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<RawAnswer> {
    return this.raw(user, method, path, { body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });
  }

  /** Waits until a condition holds; fails with `what` after `limitMs`. */
  async until(holds: () => Promise<boolean>, what: string, limitMs = 20_000): Promise<void> {
    const end = Date.now() + limitMs;
    while (!await holds()) {
      if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
  }

  /** Every process of ours ends and begins again with another ring, on the same databases; sessions end with it. */
  async restartWith(keyringData: KeyringData): Promise<void> {
    await this.close();
    this.clients.clear();
    this.systemsUrl = undefined;
    this.keyringData = keyringData;
    this.keyring = new Keyring(keyringData);
    this.store = await openStore({ uri: this.mongo.uri, database: 'wenze', keyring: this.keyring, timeoutMs: 2_000 });
    this.queries = openQueries(this.store, this.keyring);
    await this.serve();
    await this.startWorker();
  }

  private async close(): Promise<void> {
    await this.stopWorker();
    for (const close of this.closers.splice(0).toReversed()) await close();
    await this.store.close();
  }

  async stop(): Promise<void> {
    await this.close();
    await Promise.all([this.temporal.stop(), this.mongo.stop()]);
  }
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly type: string;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

async function listen(http: Server): Promise<string> {
  await new Promise<void>((resolve) => { http.listen(0, '127.0.0.1', resolve); });
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

async function shut(http: Server): Promise<void> {
  http.closeAllConnections();
  await new Promise<void>((resolve) => { http.close(() => { resolve(); }); });
}
