import { MongoClient, type Collection, type Db } from 'mongodb';
import type { CaseDocument, EventDocument, IntakeDocument, LawDocument, NoticeDocument, TaskDocument } from './documents';

/** The collections of the project, by name and type. */
export interface Collections {
  readonly cases: Collection<CaseDocument>;
  readonly events: Collection<EventDocument>;
  readonly tasks: Collection<TaskDocument>;
  readonly notices: Collection<NoticeDocument>;
  readonly counters: Collection<{ _id: string; value: number }>;
  readonly intakes: Collection<IntakeDocument>;
  readonly laws: Collection<LawDocument>;
}

/** An open connection to the store. */
export interface Connection {
  readonly client: MongoClient;
  readonly db: Db;
  readonly collections: Collections;
  close(): Promise<void>;
}

/**
 * A connection to MongoDB, opened with its first call. What is written here must last, so every write waits for a majority and the journal.
 * @param timeoutMs how long a call may look for a server before it fails; callers turn that into "away, try again"
 */
export function connect(uri: string, database: string, timeoutMs = 3_000): Connection {
  const client = new MongoClient(uri, {
    writeConcern: { w: 'majority', journal: true },
    serverSelectionTimeoutMS: timeoutMs,
    connectTimeoutMS: timeoutMs,
    retryWrites: false,
    ignoreUndefined: true,
  });
  const db = client.db(database);
  return {
    client, db,
    collections: {
      cases: db.collection('cases'), events: db.collection('events'), tasks: db.collection('tasks'), notices: db.collection('notices'),
      counters: db.collection('counters'), intakes: db.collection('intakes'), laws: db.collection('laws'),
    },
    close: () => client.close(),
  };
}

/** Creates the indexes; running it again changes nothing. Every list the API serves has one. */
export async function ensureIndexes({ collections }: Connection): Promise<void> {
  const { cases, events, tasks, notices, intakes } = collections;
  await cases.createIndexes([
    { key: { organs: 1, openedAt: -1, _id: -1 } },
    { key: { type: 1, openedAt: -1, _id: -1 } },
    { key: { openedAt: -1, _id: -1 } },
    { key: { terms: 1 } },
    { key: { status: 1, nextRungAt: 1 } },
    { key: { participants: 1 } },
  ]);
  await events.createIndexes([{ key: { caseNumber: 1, seq: 1 }, unique: true }]);
  await tasks.createIndexes([{ key: { organ: 1, dueAt: 1, _id: 1 } }, { key: { user: 1, dueAt: 1, _id: 1 } }, { key: { caseNumber: 1 } }]);
  await notices.createIndexes([{ key: { organ: 1, at: -1, _id: -1 } }, { key: { user: 1, at: -1, _id: -1 } }, { key: { caseNumber: 1 } }]);
  await intakes.createIndexes([{ key: { caseNumber: 1 }, unique: true }]);
}
