import type { Keyring } from '../crypto/keyring';
import { CaseStore } from './case-store';
import { connect, ensureIndexes, type Connection } from './connect';
import { LawStore } from './law';
import { CaseNumbers } from './numbers';

/** The open store: cases, their events and inboxes, case numbers. */
export interface Store {
  readonly connection: Connection;
  readonly cases: CaseStore;
  readonly numbers: CaseNumbers;
  readonly laws: LawStore;
  close(): Promise<void>;
}

/** Opens the store and creates its indexes. @throws MongoServerSelectionError when no server answers within `timeoutMs` */
export async function openStore(options: { readonly uri: string; readonly database: string; readonly keyring: Keyring; readonly timeoutMs?: number }): Promise<Store> {
  const connection = connect(options.uri, options.database, options.timeoutMs);
  await ensureIndexes(connection);
  return {
    connection,
    cases: new CaseStore(connection.collections, options.keyring),
    numbers: new CaseNumbers(connection.collections),
    laws: new LawStore(connection.collections.laws),
    close: () => connection.close(),
  };
}

export { CaseStore, StaleWriter } from './case-store';
export { openLaw } from './law';
export { CaseNumbers } from './numbers';
export type { Connection, Collections } from './connect';
