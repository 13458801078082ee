import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MongoClient } from 'mongodb';
import { Keyring } from '../crypto/keyring';
import { readEnv } from '../process/env';
import { announceReady, onShutdown, runMain } from '../process/lifecycle';
import { createLogger } from '../process/log';
import { createSystemsApp } from './app';

const log = createLogger('systems');

/** The reference personnel and record systems in one process, each in a database of its own beside the project's. */
runMain(log, async () => {
  const env = readEnv('HOST', 'SYSTEMS_PORT', 'SYSTEMS_TOKEN', 'MONGODB_URI', 'MONGODB_DB', 'WENZE_KEYRING');
  const mongo = new MongoClient(env.MONGODB_URI, { serverSelectionTimeoutMS: 3_000, writeConcern: { w: 'majority', journal: true } });
  onShutdown('MongoDB', () => mongo.close(), log);
  const { app, prepare } = createSystemsApp({
    personnelDb: mongo.db(`${env.MONGODB_DB}_personnel`), recordsDb: mongo.db(`${env.MONGODB_DB}_records`),
    keyring: new Keyring(env.WENZE_KEYRING), token: env.SYSTEMS_TOKEN, log,
  });
  await prepare();
  const server = createServer(app);
  server.listen(env.SYSTEMS_PORT, env.HOST);
  await once(server, 'listening');
  onShutdown('HTTP', async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeIdleConnections();
    await closed;
  });
  const { port } = server.address() as AddressInfo;
  announceReady({ name: 'systems', url: `http://${env.HOST}:${port}` }, log);
});
