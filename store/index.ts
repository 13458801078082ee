import type { Keyring } from '../crypto/keyring';
import { AuditLog } from './audit';
import { CaseStore } from './case-store';
import { connect, ensureIndexes, type Connection } from './connect';
import { DestructionRecords } from './destructions';
import { LawStore } from './law';
import { CaseNumbers } from './numbers';
import { RootStore } from './roots';
import { SealStore } from './seals';

/** The open store: cases, their events and inboxes, case numbers. */
export interface Store {
  readonly connection: Connection;
  readonly cases: CaseStore;
  readonly numbers: CaseNumbers;
  readonly laws: LawStore;
  /** Seals of closed cases, daily roots over all, and who has seen what. */
  readonly seals: SealStore;
  readonly roots: RootStore;
  readonly audit: AuditLog;
  readonly destructions: DestructionRecords;
  close(): Promise<void>;
}

/** Opens the store and creates its indexes. @throws MongoServerSelectionError when no server answers within `timeoutMs` */
export async function openStore(options: { readonly uri: string; readonly database: string; readonly keyring: Keyring; readonly timeoutMs?: number }): Promise<Store> {
  const connection = connect(options.uri, options.database, options.timeoutMs);
  await ensureIndexes(connection);
  const seals = new SealStore(connection.db, options.keyring);
  const audit = new AuditLog(connection.db);
  const roots = new RootStore(connection.db, connection.collections, seals, audit);
  const destructions = new DestructionRecords(connection.db);
  await Promise.all([audit.ensureIndexes(), roots.ensureIndexes(), destructions.ensureIndexes()]);
  return {
    connection, seals, audit, roots, destructions,
    cases: new CaseStore(connection.collections, options.keyring, seals),
    numbers: new CaseNumbers(connection.collections),
    laws: new LawStore(connection.collections.laws),
    close: () => connection.close(),
  };
}

export { CaseStore, StaleWriter } from './case-store';
export { followLaw, openLaw } from './law';
export { CaseNumbers } from './numbers';
export type { Connection, Collections } from './connect';
