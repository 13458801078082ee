import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { MongoClient } from 'mongodb';
import { mongoProgram, type MongoProgram } from './provision/mongo';
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
  const program = await temporalCli(tell);
  mkdirSync(place.dataDirectory, { recursive: true });
  return {
    program,
    args: [
      'server', 'start-dev', '--ip', '127.0.0.1', '--port', String(place.port), '--ui-port', String(place.uiPort), '--metrics-port', String(place.metricsPort),
      '--db-filename', path.join(place.dataDirectory, 'temporal.db'), '--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal',
      '--namespace', place.namespace, '--ui-disable-news-fetch', '--log-level', 'error',
      ...(place.codecEndpoint === undefined ? [] : ['--ui-codec-endpoint', place.codecEndpoint]),
    ],
  };
}

/** The command of the MongoDB-wire server, and which one it is. Throws NoWayError. */
export async function mongoCommand(place: { readonly dataDirectory: string; readonly port: number }, tell: Tell): Promise<Command & { readonly kind: MongoProgram['kind'] }> {
  const mongo = await mongoProgram(tell);
  mkdirSync(place.dataDirectory, { recursive: true });
  return { kind: mongo.kind, ...mongo.command(place) };
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
      // Not yet: it is still starting. The last reason is told when the time is up.
      if (Date.now() > end) throw new Error(`${what} does not answer after ${Math.round(limitMs / 1000)} s`, { cause: error });
    }
    await delay(100);
  }
}
