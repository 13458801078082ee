import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { CannotOpen } from '../crypto/keyring';
import type { CaseView } from '../domain/case-file';
import { exportSources, type CaseFile, type StoredContent } from '../evidence/build';
import type { Destruction } from '../evidence/format';
import type { ShownEvent } from '../evidence/verify-chain';
import { ContainerTooLarge, streamZip, zipLength } from '../evidence/zip';
import type { LoadedLaw } from '../policy/load';
import type { EventDocument } from './documents';
import type { Store } from './index';

/** Documents of cases, as far as an export needs them. */
export interface DocumentSource {
  list(caseNumber: string): Promise<readonly { readonly id: string; readonly sha256: string; readonly filed: number | null }[]>;
  read(caseNumber: string, id: string): Promise<AsyncIterable<Uint8Array> | null>;
}

/** What an export is taken from. */
export interface ExportSources {
  readonly store: Pick<Store, 'connection' | 'cases' | 'seals' | 'roots' | 'destructions'>;
  readonly law: Pick<LoadedLaw, 'archive'>;
  readonly documents: DocumentSource;
}

/** Thrown when no case of this number is on file. */
export class NoSuchCase extends Error {
  override readonly name = 'NoSuchCase';
  constructor(readonly caseNumber: string) {
    super(`no case ${caseNumber} is on file`);
  }
}

/** An export on its way: its length, and the bytes as they come. Whoever leaves it half-way destroys the stream. */
export interface ExportedCase {
  readonly bytes: number;
  readonly stream: Readable;
}

/** Bytes of events that are held at once while a case is exported; a case of this length has some hundred thousand entries. */
const mostEventBytes = 256 * 1024 * 1024;

/** A case keeps moving while it is read; after so many tries what is on file is taken as it is, and the verification says what does not fit. */
const ATTEMPTS = 5;

/**
 * The export of a case as a zip: the same bytes as long as nothing happens on the case and no further daily root is made.
 * Documents are read one after the other, once to measure them and once as they are written; what is held is the history and one piece of a document.
 * What was changed behind the system's back does not stop it: it is exported as it lies there, and the verification names it.
 * @throws NoSuchCase, UnknownLaw, ContainerTooLarge
 */
export async function exportCase(sources: ExportSources, caseNumber: string, options: { readonly redacted: boolean }): Promise<ExportedCase> {
  const { view, head, events } = await readSteady(sources, caseNumber);
  const destruction = await sources.store.destructions.find(caseNumber);
  const closed = options.redacted || destruction !== null;
  const seal = await sources.store.seals.find(caseNumber);
  const file: CaseFile<StoredContent> = {
    view, head, events, seal: seal?.seal ?? null, salt: seal?.salt ?? null, destruction, law: sources.law.archive,
    anchors: await sources.store.roots.anchorsOf(caseNumber),
    documents: await documentsOf(sources, view, closed, destruction),
  };
  const files = exportSources(file, options);
  return { bytes: zipLength(files), stream: Readable.from(streamZip(files), { objectMode: false }) };
}

/** View, head and events that belong together. */
async function readSteady({ store }: ExportSources, caseNumber: string): Promise<Pick<CaseFile, 'view' | 'head' | 'events'>> {
  for (let attempt = 1; ; attempt++) {
    const document = await store.connection.collections.cases.findOne({ _id: caseNumber });
    if (document === null) throw new NoSuchCase(caseNumber);
    const view: CaseView = store.cases.openView(document);
    const events: ShownEvent[] = [];
    let held = 0;
    for await (const event of store.connection.collections.events.find({ caseNumber }).sort({ seq: 1 })) {
      const shown = shownOf(event, store.cases);
      held += JSON.stringify(shown).length;
      if (held > mostEventBytes) throw new ContainerTooLarge(`the history of ${caseNumber} comes to more than ${mostEventBytes} bytes`);
      events.push(shown);
    }
    if (events.at(-1)?.hash === document.head || attempt === ATTEMPTS) return { view, head: { seq: view.revision, hash: document.head }, events };
  }
}

function shownOf(document: EventDocument, cases: Store['cases']): ShownEvent {
  const { caseNumber, seq, at, kind, by, facts, body, previous, hash } = document;
  const shown = openBody(document, cases);
  return {
    event: { caseNumber, seq, at, kind, by, facts, ...(document.step === undefined ? {} : { step: document.step }), ...(document.clock === undefined ? {} : { clock: document.clock }) },
    body, previous, hash, ...(shown === undefined ? {} : { shown }),
  };
}

/** The confidential part; left out where it was destroyed or tampered with. */
function openBody(document: EventDocument, cases: Store['cases']): ShownEvent['shown'] {
  try {
    return cases.openBody(document) ?? undefined;
  } catch (error) {
    if (error instanceof CannotOpen) return undefined;
    throw error;
  }
}

/** The documents on record. What the case names is on record, also where a process died before that was noted beside the document. */
async function documentsOf({ documents }: ExportSources, { caseNumber, evidence }: CaseView, closed: boolean, destruction: Destruction | null): Promise<CaseFile<StoredContent>['documents']> {
  const named = new Set(evidence.map((entry) => (entry as { readonly documentId?: unknown } | null)?.documentId));
  const filed = (await documents.list(caseNumber)).filter((document) => document.filed !== null || named.has(document.id));
  const found: { readonly sha256: string; readonly content: StoredContent | null }[] = [];
  for (const { id, sha256 } of filed) found.push({ sha256, content: closed ? null : await measured(documents, caseNumber, id) });
  const gone = (destruction?.destroyed.documents ?? []).filter((hash) => !found.some((each) => each.sha256 === hash));
  return [...found, ...gone.map((sha256) => ({ sha256, content: null }))];
}

/** A document as it lies there, measured; null where it is damaged, which the verification names. */
async function measured(documents: DocumentSource, caseNumber: string, id: string): Promise<StoredContent | null> {
  async function* open(): AsyncGenerator<Uint8Array> {
    yield* await documents.read(caseNumber, id) ?? [];
  }
  const hash = createHash('sha256');
  let [bytes, sum] = [0, 0];
  try {
    for await (const chunk of open()) {
      bytes += chunk.length;
      sum = crc32(chunk, sum);
      hash.update(chunk);
    }
    return bytes === 0 ? null : { bytes, crc32: sum, sha256: hash.digest('hex'), open };
  } catch (error) {
    if (error instanceof Error && ['DamagedFile', 'CannotOpen', 'MongoRuntimeError'].includes(error.name)) return null;
    throw error;
  }
}
