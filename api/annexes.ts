import type { Db } from 'mongodb';
import type { ImportOptions } from '../bulk';
import { ImportStore } from '../bulk';
import type { Keyring } from '../crypto/keyring';
import { DocumentStore } from '../documents';
import { LetterNumbers, LetterRenderer, loadShortNames, type ShortNames } from '../letters';
import { openOutbox, type Outbox, type OutboxOptions } from '../outbox';

/** What stands beside the cases: their documents and letters, the outbox, the place of imports. */
export interface Annexes {
  readonly db: Db;
  readonly keyring: Keyring;
  readonly documents: DocumentStore;
  readonly letters: { readonly numbers: LetterNumbers; readonly renderer: LetterRenderer; readonly shortNames: ShortNames };
  readonly outbox: Outbox;
  readonly imports: ImportOptions;
}

export interface AnnexOptions {
  readonly policyDir?: string | undefined;
  readonly maxDocumentBytes?: number;
  readonly outbox?: OutboxOptions;
  readonly imports?: ImportOptions;
}

/** Opens the annexes and creates their indexes. @throws ZodError for a short name that is none */
export async function openAnnexes(db: Db, keyring: Keyring, options: AnnexOptions = {}): Promise<Annexes> {
  const documents = new DocumentStore(db, keyring, options.maxDocumentBytes);
  const numbers = new LetterNumbers(db);
  const outbox = openOutbox(db, keyring, options.outbox);
  await Promise.all([documents.ensureIndexes(), numbers.ensureIndexes(), outbox.ensureIndexes(), new ImportStore(db).ensureIndexes()]);
  return {
    db, keyring, documents, outbox, imports: options.imports ?? {},
    letters: { numbers, renderer: new LetterRenderer(options.policyDir), shortNames: loadShortNames(options.policyDir) },
  };
}
