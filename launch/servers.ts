import { existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { MongoClient } from 'mongodb';
import { embeddedFile, mongoProgram, type MongoProgram } from './provision/mongo';
import { messageOf } from './provision/paths';
import { temporalCli } from './provision/temporal';
import type { Tell } from './provision/ways';

/** A program to be started, with everything decided. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

export interface TemporalPlace {
  /** Folder of the SQLite file. */
  readonly dataDirectory: string;
  readonly port: number;
  readonly uiPort: number;
  readonly metricsPort: number;
  readonly namespace: string;
  /** Where the Temporal UI has payloads decoded, or none. */
  readonly codecEndpoint?: string;
}

/**
 * The command of the Temporal development server, with its UI, on a SQLite file. The write-ahead log is half again as fast, and what was acknowledged
 * survives kill -9 of the process. Throws NoWayError.
 */
export async function temporalCommand(place: TemporalPlace, tell: Tell): Promise<Command> {
  const file = path.join(place.dataDirectory, 'temporal.db');
  refuseEmptied(file);
  const program = await temporalCli(tell);
  mkdirSync(place.dataDirectory, { recursive: true });
  return {
    program,
    args: [
      'server', 'start-dev', '--ip', '127.0.0.1', '--port', String(place.port), '--ui-port', String(place.uiPort), '--metrics-port', String(place.metricsPort),
      '--db-filename', file, '--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal',
      '--namespace', place.namespace, '--ui-disable-news-fetch', '--log-level', 'error',
      ...(place.codecEndpoint === undefined ? [] : ['--ui-codec-endpoint', place.codecEndpoint]),
    ],
  };
}

/** Days for which Temporal keeps a case that is closed, as docker/temporal-namespace.sh sets them; the server's own default is one day, too short for a backup to be repaired from. */
const retentionDays = 90;

/** Has Temporal keep the histories of closed cases; for a server of our own. */
export async function keepClosedCases(connection: Connection, namespace: string): Promise<void> {
  await connection.workflowService.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl: msToTs(`${retentionDays} days`) } });
}

/** The command of the MongoDB-wire server, and which one it is. Throws NoWayError. */
export async function mongoCommand(place: { readonly dataDirectory: string; readonly port: number }, tell: Tell): Promise<Command & { readonly kind: MongoProgram['kind'] }> {
  refuseEmptied(path.join(place.dataDirectory, embeddedFile));
  const mongo = await mongoProgram(tell, writtenBy(place.dataDirectory));
  mkdirSync(place.dataDirectory, { recursive: true });
  return { kind: mongo.kind, ...mongo.command(place) };
}

/** Which program a folder's data are of; neither reads the other's, and would begin anew beside them as if there were none. */
function writtenBy(folder: string): MongoProgram['kind'] | undefined {
  if (existsSync(path.join(folder, embeddedFile))) return 'embedded';
  return existsSync(path.join(folder, 'WiredTiger')) ? 'mongod' : undefined;
}

/** A database file cut to nothing is damage, which its server would take for a first start. */
function refuseEmptied(file: string): void {
  if (existsSync(file) && statSync(file).size === 0) {
    throw new Error(`${file} is empty, as after a disk that was full: restore the data folder from a backup (docs/runbook.md, "Backup"), or set the file aside to begin without what was in it`);
  }
}

/** Connection string of a server started by `mongoCommand`. */
export function mongoUri(port: number): string {
  return `mongodb://127.0.0.1:${port}/?directConnection=true`;
}

/** Waits until Temporal serves `namespace`; `dead` ends the wait early with its error. Throws after `limitMs`. */
export function untilTemporalServes(address: string, namespace: string, limitMs: number, dead?: () => Error | undefined): Promise<void> {
  return until(`Temporal at ${address}`, limitMs, dead, async () => {
    const connection = await Connection.connect({ address, connectTimeout: 1_000 });
    try {
      await connection.withDeadline(Date.now() + 2_000, () => connection.workflowService.describeNamespace({ namespace }));
    } finally {
      await connection.close();
    }
  });
}

/** Waits until MongoDB answers; `dead` ends the wait early with its error. Throws after `limitMs`. */
export function untilMongoServes(uri: string, limitMs: number, dead?: () => Error | undefined): Promise<void> {
  return until('MongoDB', limitMs, dead, async () => {
    const client = new MongoClient(uri, { serverSelectionTimeoutMS: 1_000, connectTimeoutMS: 1_000 });
    try {
      await client.db('admin').command({ ping: 1 });
    } finally {
      await client.close();
    }
  });
}

async function until(what: string, limitMs: number, dead: (() => Error | undefined) | undefined, probe: () => Promise<void>): Promise<void> {
  const end = Date.now() + limitMs;
  for (;;) {
    const death = dead?.();
    if (death !== undefined) throw death;
    try {
      await probe();
      return;
    } catch (error) {
      if (isForGood(error)) throw new Error(`${what} refuses: ${messageOf(error)}`, { cause: error });
      // Not yet: it is still starting. The last reason is told when the time is up.
      if (Date.now() > end) throw new Error(`${what} does not answer after ${Math.round(limitMs / 1000)} s: ${reasonOf(error)}`, { cause: error });
    }
    await delay(100);
  }
}

/** A wrong password, or an address that is none, is not mended by waiting: MongoDB's AuthenticationFailed, its driver's own refusals. */
function isForGood(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  return ('code' in error && error.code === 18) || ('name' in error && (error.name === 'MongoParseError' || error.name === 'MongoInvalidArgumentError'));
}

/** What the innermost error says: the outer ones say only that a call failed. */
function reasonOf(error: unknown): string {
  const cause = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined;
  return cause === undefined || cause === null ? messageOf(error) : reasonOf(cause);
}
