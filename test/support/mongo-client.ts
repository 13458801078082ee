import { MongoClient } from 'mongodb';
import { startMongo, type MongoServer } from './servers';

/** A MongoDB server of their own for the tests of a file, begun before the first and ended after the last. */
export function mongoForFile(): { readonly server: MongoServer; readonly client: MongoClient } {
  let server: MongoServer;
  let client: MongoClient;
  beforeAll(async () => {
    server = await startMongo();
    client = await MongoClient.connect(server.uri);
  });
  afterAll(async () => {
    await client.close();
    await server.stop();
  });
  return { get server() { return server; }, get client() { return client; } };
}
