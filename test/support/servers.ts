import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { Connection } from '@temporalio/client';
import { freePort } from '../../launch/ports';
import { mongoCommand, mongoUri, temporalCommand, untilMongoServes, untilTemporalServes, type Command } from '../../launch/servers';
import { temporalTestServer } from '../../launch/provision/temporal';
import { registerSearchAttributes } from '../../worker/search-attributes';
import { dataFolder, noteServer } from './server-folders';

/**
 * Real servers for tests, each on free ports with its data in a folder of its own, which outlives `kill` and `restart` and is removed by `stop`.
 *
 *     const temporal = await startTemporal();          // in beforeAll
 *     await temporal.kill('SIGKILL'); await temporal.restart();
 *     await temporal.stop();                           // in afterAll
 */
export interface TestServer {
  /** Id of the running process; changes with `restart`. */
  readonly pid: number;
  /** Ends the process and waits for its end; the data stay. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and data (ending it first if it runs), and waits until it serves. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

export interface TemporalServer extends TestServer {
  readonly address: string;
  readonly uiUrl: string;
  readonly namespace: string;
  /** The SQLite file's folder, for tests that read what lies on disk. */
  readonly dataDirectory: string;
}

export interface MongoServer extends TestServer {
  readonly uri: string;
  /** `mongod` or the embedded subset: tests of what only MongoDB does may ask. */
  readonly kind: 'mongod' | 'embedded';
  readonly dataDirectory: string;
}

/** Milliseconds a server has to serve: generous, the machine may be busy. */
const startLimitMs = 60_000;

const quiet = (): void => undefined;

/** A Temporal development server with UI, the namespace made and the project's search attributes registered. */
export async function startTemporal(options: { readonly namespace?: string } = {}): Promise<TemporalServer> {
  const namespace = options.namespace ?? 'default';
  const dataDirectory = dataFolder('temporal');
  const [port, uiPort, metricsPort] = [await freePort(), await freePort(), await freePort()];
  const address = `127.0.0.1:${port}`;
  const command = await temporalCommand({ dataDirectory, port, uiPort, metricsPort, namespace }, quiet);
  const server = await startServer(command, dataDirectory, (dead) => untilTemporalServes(address, namespace, startLimitMs, dead));
  const connection = await Connection.connect({ address });
  try {
    await registerSearchAttributes(connection, namespace);
  } finally {
    await connection.close();
  }
  return Object.assign(server, { address, namespace, dataDirectory, uiUrl: `http://127.0.0.1:${uiPort}` });
}

/** A MongoDB-wire server: MongoDB itself where it can be had, else the embedded one. */
export async function startMongo(): Promise<MongoServer> {
  const dataDirectory = dataFolder('mongodb');
  const port = await freePort();
  const uri = mongoUri(port);
  const command = await mongoCommand({ dataDirectory, port }, quiet);
  const server = await startServer(command, dataDirectory, (dead) => untilMongoServes(uri, startLimitMs, dead));
  return Object.assign(server, { uri, kind: command.kind, dataDirectory });
}

/** Path of the time-skipping server: `TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path: await testServerPath() } } })`. */
export function testServerPath(): Promise<string> {
  return temporalTestServer(quiet);
}

async function startServer(command: Command, dataDirectory: string, serves: (dead: () => Error | undefined) => Promise<void>): Promise<TestServer> {
  let child = launch(command);
  const begin = (): Promise<void> => {
    const current = child;
    return serves(() => (hasEnded(current.process) ? new Error(`${command.program} ended at once:\n${current.output()}`) : undefined));
  };
  const kill = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    if (hasEnded(child.process)) return;
    const ended = new Promise<void>((resolve) => child.process.once('exit', () => resolve()));
    child.process.kill(signal);
    // A server that does not end by itself is not what the test is about.
    const late = setTimeout(() => child.process.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(late);
  };
  const server: TestServer = {
    get pid() {
      return child.process.pid ?? -1;
    },
    kill,
    async restart() {
      await kill();
      child = launch(command);
      await begin();
    },
    async stop() {
      await kill();
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
  try {
    await begin();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

function launch(command: Command): { process: ChildProcess; output: () => string } {
  const child = spawn(command.program, command.args, { stdio: ['ignore', 'pipe', 'pipe'] });
  if (child.pid !== undefined) noteServer(path.basename(command.program), child.pid);
  let output = '';
  const keep = (text: Buffer): void => {
    output = (output + text.toString()).slice(-4_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.once('error', (error) => keep(Buffer.from(error.message)));
  return { process: child, output: () => output };
}
