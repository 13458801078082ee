import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { repositoryRoot } from '../../launch/provision/paths';
import { isReadyMessage } from '../../process/lifecycle';
import { AuditLog, type AuditEntry } from '../../store/audit';
import { connect } from '../../store/connect';
import { startMongo } from '../support/servers';

/** A city's first day: MongoDB and an API with production settings, and nobody has an account. */
export interface City {
  /** What the operator's shell has too. */
  readonly environment: Readonly<Record<string, string>>;
  readonly mongoUri: string;
  http(headers: Readonly<Record<string, string>>, method: string, route: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }>;
  /** GET of an address, its status alone. */
  status(route: string): Promise<number>;
  /** What is in the audit of such actions, in order. */
  audited(action: RegExp): Promise<AuditEntry[]>;
  stop(): Promise<void>;
}

export async function startCity(): Promise<City> {
  const policyDir = mkdtempSync(path.join(tmpdir(), 'wenze-city-'));
  const mongo = await startMongo();
  copyFileSync(path.join(repositoryRoot(), 'policy/demo/organs.json'), path.join(policyDir, 'organs.json'));
  const key = (): string => randomBytes(32).toString('base64');
  const environment = {
    NODE_ENV: 'production', MONGODB_URI: mongo.uri, MONGODB_DB: 'city', POLICY_DIR: policyDir, HOST: '127.0.0.1', PORT: '0', TEMPORAL_ADDRESS: '127.0.0.1:9',
    WENZE_KEYRING: JSON.stringify({ current: 'k1', keys: { k1: key() } }), WENZE_TOKEN_SECRET: key(), LOG_LEVEL: 'error',
  };
  const api = fork(path.join(repositoryRoot(), 'dist/api/main.js'), { env: { PATH: process.env['PATH'], ...environment }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const url = await new Promise<string>((resolve, reject) => {
    api.on('message', (message) => { if (isReadyMessage(message)) resolve(message.info.url ?? ''); });
    api.once('exit', (code) => { reject(new Error(`the API ended with ${String(code)}`)); });
  });
  return {
    environment, mongoUri: mongo.uri,
    http: async (headers, method, route, body) => {
      const response = await fetch(`${url}${route}`, {
        method, headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? {} : JSON.parse(text) as Record<string, unknown> };
    },
    status: async (route) => (await fetch(`${url}${route}`)).status,
    audited: async (action) => {
      const connection = connect(mongo.uri, 'city');
      try {
        return await new AuditLog(connection.db).entries.find({ action }).sort({ day: 1, seq: 1 }).toArray();
      } finally {
        await connection.close();
      }
    },
    stop: async () => {
      if (api.exitCode === null) {
        const ended = new Promise((resolve) => { api.once('exit', resolve); });
        api.kill('SIGTERM');
        await ended;
      }
      await mongo.stop();
      rmSync(policyDir, { recursive: true, force: true });
    },
  };
}
