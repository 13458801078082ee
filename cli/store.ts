/** The store as an operator's command reaches it: with the server's own environment (MONGODB_URI, MONGODB_DB, WENZE_KEYRING, POLICY_DIR). */
import { Keyring } from '../crypto/keyring';
import { DocumentStore } from '../documents';
import { loadLaw, type LoadedLaw } from '../policy/load';
import { openStore, type Store } from '../store';
import { envOf } from './env';
import { UsageError, type CliIo } from './io';

/** What a command may work on. */
export interface OpenedStore {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly documents: DocumentStore;
  readonly policyDir: string | undefined;
  /** The law in force and every version the store remembers. */
  readonly law: LoadedLaw;
}

/** Opens the store, works, and closes it whatever happens. @throws UsageError naming what is missing of the environment, or that nobody answers */
export async function withStore<T>(io: CliIo, work: (opened: OpenedStore) => Promise<T>): Promise<T> {
  const env = envOf(io, 'MONGODB_URI', 'MONGODB_DB', 'WENZE_KEYRING', 'POLICY_DIR');
  const keyring = new Keyring(env.WENZE_KEYRING);
  const store = await openStore({ uri: env.MONGODB_URI, database: env.MONGODB_DB, keyring }).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'MongoServerSelectionError') throw new UsageError(`MongoDB does not answer at MONGODB_URI: ${error.message}`);
    throw error;
  });
  try {
    const law = loadLaw({ policyDir: env.POLICY_DIR, history: await store.laws.findAll() });
    return await work({ store, keyring, documents: new DocumentStore(store.connection.db, keyring), policyDir: env.POLICY_DIR, law });
  } finally {
    await store.close();
  }
}
