import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Connection } from '@temporalio/client';
import { envNames, parseEnv } from '../process/env';
import { registerSearchAttributes } from '../worker/search-attributes';
import { endStale, forgetPid, notedPid, notePid } from './pid-file';
import { freePort, wantedOrFreePort } from './ports';
import { withLock } from './provision/lock';
import { repositoryRoot } from './provision/paths';
import type { Tell } from './provision/ways';
import { demoSecrets } from './secrets';
import { keepClosedCases, mongoCommand, mongoUri, temporalCommand, untilMongoServes, untilTemporalServes } from './servers';
import { Service, type ServiceSpec } from './service';
import type { LaunchSettings } from './settings';
import { openUiDoor, type UiDoor } from './ui-door';

/** Where everything answers. */
export interface Addresses {
  readonly api: string;
  readonly systems: string;
  readonly temporal: string;
  /** Absent where TEMPORAL_ADDRESS names a server of somebody else. */
  readonly temporalUi?: string;
  /** Where a manager logs in for the UI to show what is sealed; absent with a UI or a codec of somebody else. */
  readonly historyLogin?: string;
  /** Without user and password. */
  readonly mongodb: string;
}

/** Milliseconds a server of somebody else has to answer. */
const foreignLimitMs = 15_000;
const ownLimitMs = 60_000;
const staleGraceMs = 5_000;

/** Thrown when a start with the same data folder is running. */
export class AlreadyRunningError extends Error {
  override readonly name = 'AlreadyRunningError';
}

/** Thrown by `start` when `stop` was asked for before everything ran. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
  constructor() {
    super('stopped before everything ran');
  }
}

/**
 * The whole system on one machine: Temporal, MongoDB, the reference systems, the worker, the API. Its processes get `environment`, beneath what is decided here.
 */
export class System {
  private readonly folders: ServiceSpec['folders'];
  /** Waves in the order of their start; each wave ends as a whole, the last one first. */
  private readonly waves: Service[][] = [];
  private ending: Promise<void> | undefined;
  private ownsRunFolder = false;
  private door: UiDoor | undefined;

  constructor(private readonly settings: LaunchSettings, private readonly environment: Readonly<Record<string, string | undefined>>, private readonly tell: Tell) {
    this.folders = { logs: path.join(settings.WENZE_DATA, 'logs'), run: path.join(settings.WENZE_DATA, 'run') };
  }

  /** Every process of this start, running or being started again. */
  get services(): readonly Service[] {
    return this.waves.flat();
  }

  /**
   * Resolves once the API serves. Ends first what a killed start with the same data folder left behind. When it throws, nothing is left running.
   * Throws NoWayError, AlreadyRunningError, StoppedError, or an error with the end of a process' log.
   */
  async start(): Promise<Addresses> {
    try {
      return await this.bringUp();
    } catch (error) {
      const stopped = this.ending !== undefined;
      this.ending ??= this.end();
      await this.ending;
      throw stopped ? new StoppedError() : error;
    }
  }

  /** Ends everything in order; after it no process of this start remains. A second call while the first runs kills at once. */
  async stop(): Promise<void> {
    if (this.ending !== undefined) await Promise.all(this.services.map((service) => service.stop('SIGKILL')));
    this.ending ??= this.end();
    return this.ending;
  }

  private async bringUp(): Promise<Addresses> {
    const { settings, tell } = this;
    // One start at a time looks whether another runs.
    await withLock(this.folders.run, 'start', () => this.takeDataFolder());
    const secrets = demoSecrets(settings.WENZE_DATA, this.environment);
    const ports = await this.choosePorts();

    const temporalAddress = settings.TEMPORAL_ADDRESS ?? `127.0.0.1:${ports.TEMPORAL_PORT}`;
    const uri = settings.MONGODB_URI ?? mongoUri(ports.MONGODB_PORT);
    const systems = `http://127.0.0.1:${ports.SYSTEMS_PORT}`;
    const api = `http://127.0.0.1:${ports.PORT}`;
    const temporalUi = settings.TEMPORAL_ADDRESS === undefined ? `http://127.0.0.1:${ports.TEMPORAL_UI_PORT}` : undefined;
    const env = {
      ...this.environment, ...secrets, WENZE_DEMO: '1', HOST: '127.0.0.1', PORT: String(ports.PORT), SYSTEMS_PORT: String(ports.SYSTEMS_PORT),
      WORKER_METRICS_PORT: String(ports.WORKER_METRICS_PORT), TEMPORAL_ADDRESS: temporalAddress, TEMPORAL_NAMESPACE: settings.TEMPORAL_NAMESPACE,
      TEMPORAL_TASK_QUEUE: settings.TEMPORAL_TASK_QUEUE, TEMPORAL_UI_URL: temporalUi ?? this.environment['TEMPORAL_UI_URL'], MONGODB_URI: uri, MONGODB_DB: settings.MONGODB_DB,
      PERSONNEL_URL: this.environment['PERSONNEL_URL'] ?? `${systems}/personnel`, RECORDS_URL: this.environment['RECORDS_URL'] ?? `${systems}/records`,
    };
    // Before anything runs, and all at once: a process that ends on its settings would be started three times before it is believed.
    parseEnv(env, envNames);

    await Promise.all([this.startTemporal(temporalAddress, ports), this.startMongo(uri, ports)]);
    await this.startNode([['systems', 'systems/main.js']], env);
    await this.startNode([['worker', 'worker/main.js'], ['api', 'api/main.js']], env);
    tell('everything runs');
    return {
      api, systems, temporal: temporalAddress, mongodb: withoutPassword(uri), ...(temporalUi === undefined ? {} : { temporalUi }),
      ...(this.door === undefined ? {} : { historyLogin: historyLogin(api) }),
    };
  }

  private async end(): Promise<void> {
    await this.door?.close();
    for (const wave of this.waves.toReversed()) {
      await Promise.all(wave.map((service) => service.stop()));
    }
    if (this.ownsRunFolder) forgetPid(this.folders.run, 'launcher');
  }

  private async takeDataFolder(): Promise<void> {
    const { run } = this.folders;
    mkdirSync(run, { recursive: true });
    const other = notedPid(run, 'launcher');
    if (other !== undefined && other !== process.pid) {
      throw new AlreadyRunningError(`The system already runs on ${this.settings.WENZE_DATA} (process ${other}). Stop it first, or set WENZE_DATA to another folder.`);
    }
    forgetPid(run, 'launcher');
    const stale = await endStale(run, staleGraceMs);
    if (stale.length > 0) this.tell(`ended what a killed start had left running: ${stale.join(', ')}`);
    notePid(run, 'launcher', process.pid);
    this.ownsRunFolder = true;
  }

  private async choosePorts(): Promise<Ports> {
    const { settings } = this;
    const ports: Partial<Ports> = {};
    const taken = new Set<number>();
    for (const name of portNames) {
      // One after the other, so that two wishes never get the same free port.
      const wanted = settings[name];
      let port = taken.has(wanted) ? await wantedOrFreePort(0) : await wantedOrFreePort(wanted);
      while (taken.has(port)) port = await wantedOrFreePort(0);
      taken.add(port);
      ports[name] = port;
      if (port !== wanted && this.needs(name)) this.tell(`port ${wanted} is taken: ${name}=${port} instead`);
    }
    return ports as Ports;
  }

  /** False for the ports of servers that are not started. */
  private needs(name: PortName): boolean {
    if (name.startsWith('TEMPORAL_')) return this.settings.TEMPORAL_ADDRESS === undefined;
    return name !== 'MONGODB_PORT' || this.settings.MONGODB_URI === undefined;
  }

  private async startTemporal(address: string, ports: Ports): Promise<void> {
    const { settings, tell } = this;
    const namespace = settings.TEMPORAL_NAMESPACE;
    if (settings.TEMPORAL_ADDRESS === undefined) {
      const uiPort = await this.openUi(ports);
      const command = await temporalCommand({
        dataDirectory: path.join(settings.WENZE_DATA, 'temporal'), port: ports.TEMPORAL_PORT, uiPort, metricsPort: ports.TEMPORAL_METRICS_PORT, namespace,
        codecEndpoint: settings.TEMPORAL_UI_CODEC_ENDPOINT ?? `http://127.0.0.1:${ports.PORT}/v1/codec`,
      }, tell);
      await this.run([{ name: 'temporal', command, ready: (dead) => untilTemporalServes(address, namespace, ownLimitMs, dead) }], this.environment);
    } else {
      tell(`Temporal: using ${address}`);
      await untilTemporalServes(address, namespace, foreignLimitMs);
    }
    const connection = await Connection.connect({ address });
    try {
      await registerSearchAttributes(connection, namespace);
      if (settings.TEMPORAL_ADDRESS === undefined) await keepClosedCases(connection, namespace);
    } finally {
      await connection.close();
    }
  }

  /** The port for the UI itself: behind our door where it asks our codec, which needs the manager's log-in; a codec of somebody else is asked as the UI does by itself. */
  private async openUi({ PORT, TEMPORAL_UI_PORT: port }: Ports): Promise<number> {
    if (this.settings.TEMPORAL_UI_CODEC_ENDPOINT !== undefined) return port;
    const uiPort = await freePort();
    this.door = await openUiDoor({ port, uiPort, loginUrl: historyLogin(`http://127.0.0.1:${PORT}`) });
    return uiPort;
  }

  private async startMongo(uri: string, ports: Ports): Promise<void> {
    const { settings, tell } = this;
    if (settings.MONGODB_URI !== undefined) {
      tell(`MongoDB: using ${withoutPassword(uri)}`);
      await untilMongoServes(uri, foreignLimitMs);
      return;
    }
    const { kind, ...command } = await mongoCommand({ dataDirectory: path.join(settings.WENZE_DATA, 'mongodb'), port: ports.MONGODB_PORT }, tell);
    await this.run([{ name: 'mongodb', command, ready: (dead) => untilMongoServes(uri, ownLimitMs, dead) }], this.environment);
    if (kind === 'embedded') tell('mongodb is the embedded server: right for trying out and for tests; a city runs MongoDB itself');
  }

  private startNode(mains: readonly (readonly [name: string, main: string])[], env: ServiceSpec['env']): Promise<void> {
    return this.run(mains.map(([name, main]) => ({ name, command: { program: process.execPath, args: ['--enable-source-maps', path.join(repositoryRoot(), 'dist', main)] }, ready: 'message' as const })), env);
  }

  /** Starts a wave: all at once, each told when it serves. */
  private async run(specs: readonly Pick<ServiceSpec, 'name' | 'command' | 'ready'>[], env: ServiceSpec['env']): Promise<void> {
    if (this.ending !== undefined) throw new StoppedError();
    const wave = specs.map((spec) => new Service({ ...spec, env, folders: this.folders, tell: this.tell }));
    this.waves.push(wave);
    await Promise.all(wave.map(async (service, index) => {
      const began = Date.now();
      await service.start();
      this.tell(`${specs[index]?.name ?? ''} is ready (${((Date.now() - began) / 1000).toFixed(1)} s)`);
    }));
  }
}

const historyLogin = (api: string): string => `${api}/v1/codec/login`;

const portNames = ['PORT', 'SYSTEMS_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT', 'TEMPORAL_METRICS_PORT', 'WORKER_METRICS_PORT', 'MONGODB_PORT'] as const;
type PortName = (typeof portNames)[number];
type Ports = Record<PortName, number>;

function withoutPassword(uri: string): string {
  return uri.replace(/\/\/[^@/]*@/, '//');
}
