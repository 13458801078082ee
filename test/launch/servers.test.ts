import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { MongoClient } from 'mongodb';
import { registerSearchAttributes, searchAttributes } from '../../worker/search-attributes';
import { startMongo, startTemporal, testServerPath } from '../support/servers';

jest.setTimeout(180_000);

async function withConnection<T>(address: string, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

describe('a Temporal server for tests', () => {
  it('serves the namespace with the search attributes, keeps what was acknowledged over kill -9, and shows its UI', async () => {
    const temporal = await startTemporal({ namespace: 'yunzhou' });
    try {
      await withConnection(temporal.address, async (connection) => {
        const client = new Client({ connection, namespace: 'yunzhou' });
        // Refused by the server if the attribute were not usable at once.
        await client.workflow.start('anyWorkflow', {
          taskQueue: 'nobody', workflowId: 'TS-2026-000001',
          typedSearchAttributes: new TypedSearchAttributes([
            { key: defineSearchAttributeKey('CaseType', SearchAttributeType.KEYWORD), value: 'complaint' },
            { key: defineSearchAttributeKey('DueDate', SearchAttributeType.DATETIME), value: new Date('2026-10-09T16:00:00Z') },
            { key: defineSearchAttributeKey('Overdue', SearchAttributeType.BOOL), value: false },
            { key: defineSearchAttributeKey('EscalationLevel', SearchAttributeType.INT), value: 2 },
          ]),
        });
      });
      const before = temporal.pid;
      await temporal.kill('SIGKILL');
      await expect(Connection.connect({ address: temporal.address, connectTimeout: 500 })).rejects.toThrow();
      await temporal.restart();
      expect(temporal.pid).not.toBe(before);
      await withConnection(temporal.address, async (connection) => {
        const client = new Client({ connection, namespace: 'yunzhou' });
        const found = await client.workflow.getHandle('TS-2026-000001').describe();
        expect(found.status.name).toBe('RUNNING');
        expect(found.typedSearchAttributes.get(defineSearchAttributeKey('EscalationLevel', SearchAttributeType.INT))).toBe(2);
        // Registering again, as every start does, changes nothing.
        await registerSearchAttributes(connection, 'yunzhou');
        const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'yunzhou' });
        expect(Object.keys(customAttributes ?? {})).toEqual(expect.arrayContaining(Object.keys(searchAttributes)));
      });
      const page = await fetch(temporal.uiUrl);
      expect(page.status).toBe(200);
    } finally {
      await temporal.stop();
    }
  });

  it('says so when a search attribute exists with another type', async () => {
    const temporal = await startTemporal();
    try {
      await withConnection(temporal.address, async (connection) => {
        await connection.operatorService.removeSearchAttributes({ namespace: 'default', searchAttributes: ['Overdue'] });
        await connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes: { Overdue: 2 } });
        await expect(registerSearchAttributes(connection, 'default')).rejects.toThrow(/Overdue.*another type/);
      });
    } finally {
      await temporal.stop();
    }
  });
});

describe('the time-skipping server', () => {
  it('runs from the path', async () => {
    const environment = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path: await testServerPath() } } });
    try {
      const before = await environment.currentTimeMs();
      await environment.sleep('60 days');
      expect(await environment.currentTimeMs()).toBeGreaterThanOrEqual(before + 60 * 86_400_000);
    } finally {
      await environment.teardown();
    }
  });
});

describe('a MongoDB-wire server for tests', () => {
  it('keeps every acknowledged write over kill -9', async () => {
    const mongo = await startMongo();
    try {
      const client = await new MongoClient(mongo.uri, { retryWrites: false, serverSelectionTimeoutMS: 1_000 }).connect();
      const cases = client.db('wenze').collection<{ _id: string; n: number }>('cases');
      await cases.createIndex({ n: 1 }, { unique: true });
      const acknowledged: number[] = [];
      let next = 0;
      const writers = Array.from({ length: 8 }, async () => {
        for (;;) {
          const n = next++;
          try {
            await cases.insertOne({ _id: `TS-2026-${n}`, n });
          } catch {
            // The server was killed: this write was never acknowledged.
            return;
          }
          acknowledged.push(n);
          if (acknowledged.length === 400) await mongo.kill('SIGKILL');
        }
      });
      await Promise.all(writers);
      await mongo.restart();
      const kept = new Set((await cases.find().toArray()).map(({ n }) => n));
      expect(acknowledged.length).toBeGreaterThanOrEqual(400);
      expect(acknowledged.filter((n) => !kept.has(n))).toEqual([]);
      await expect(cases.insertOne({ _id: 'another', n: acknowledged[0] ?? -1 })).rejects.toMatchObject({ code: 11_000 });
      await client.close();
    } finally {
      await mongo.stop();
    }
  });
});
