import type { Keyring } from '../../crypto/keyring';
import type { Store } from '..';
import { AccessLog } from './audit';
import { CaseList } from './case-list';
import { Inbox } from './inbox';
import { Requests } from './requests';
import { Statistics } from './stats';

/** Everything the API asks the store. */
export interface Queries {
  readonly list: CaseList;
  readonly inbox: Inbox;
  readonly stats: Statistics;
  readonly requests: Requests;
  readonly audit: AccessLog;
  /** Creates the indexes these queries need beyond the store's own. */
  ensureIndexes(): Promise<void>;
}

/** The queries over an open store. */
export function openQueries(store: Store, keyring: Keyring): Queries {
  const { collections, db } = store.connection;
  const audit = new AccessLog(store.audit);
  const requests = new Requests(db);
  return {
    list: new CaseList(collections, keyring), inbox: new Inbox(collections), stats: new Statistics(collections),
    requests, audit,
    ensureIndexes: async () => {
      await store.audit.ensureIndexes();
      await requests.ensureIndexes();
    },
  };
}

export { BadCursor, cursorPattern } from './cursor';
export type { AccessLog } from './audit';
export type { ReadableFilter } from './case-list';
