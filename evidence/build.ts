import { sha256 } from '../crypto/hash';
import type { CaseView } from '../domain/case-file';
import type { LawArchive } from '../domain/clock';
import { calendarFile, documentFile, eventLine, FORMAT, FORMAT_VERSION, jsonFile, policyFile, type Anchor, type CaseJson, type Destruction, type Manifest } from './format';
import { lawOf } from './law-files';
import { openView, type Seal } from './seal';
import type { ShownEvent } from './verify-chain';
import { sourceOf, writeZip, type ZipEntry, type ZipSource } from './zip';

/** A document that is read from where it lies, as it is written. */
export interface StoredContent extends Omit<ZipSource, 'name'> {
  /** Of the bytes as they lie there. */
  readonly sha256: string;
  /** The bytes themselves, where they are in memory. */
  readonly data?: Uint8Array;
}

/** A case with everything an export is made of. */
export interface CaseFile<Content = Uint8Array> {
  readonly view: CaseView;
  readonly head: { readonly seq: number; readonly hash: string };
  readonly events: readonly ShownEvent[];
  readonly seal: Seal | null;
  /** Confidential: with it, the hash of the whole view can be recomputed. */
  readonly salt: string | null;
  readonly anchors: readonly Anchor[];
  readonly destruction: Destruction | null;
  readonly documents: readonly { readonly sha256: string; readonly content: Content | null }[];
  readonly law: LawArchive;
}

/** The export of a case whose documents are in memory. */
export function buildExport(file: CaseFile, options: { readonly redacted: boolean }): Buffer {
  const documents = file.documents.map(({ sha256: hash, content }) => ({ sha256: hash, content: content === null ? null : inMemory(documentFile(hash), content) }));
  return writeZip(exportSources({ ...file, documents }, options).flatMap(({ name, data }): ZipEntry[] => (data === undefined ? [] : [{ name, data }])));
}

/** A file of the export; those that are made for it are in memory. */
export type ExportedFile = ZipSource & StoredContent;

const inMemory = (name: string, data: Uint8Array): ExportedFile => ({ ...sourceOf({ name, data }), data, sha256: sha256(data) });

/**
 * The files of a case's export, in order: the same bytes for the same file. Redacted, it shows the open part of everything and the hashes of the rest;
 * the chain, the seal and every date can still be checked.
 */
export function exportSources(file: CaseFile<StoredContent>, { redacted }: { readonly redacted: boolean }): readonly ExportedFile[] {
  const closed = redacted || file.destruction !== null;
  const caseJson: CaseJson = closed ? { view: openView(file.view) } : { view: file.view, ...(file.salt === null ? {} : { salt: file.salt }) };
  const lines = file.events.map((each) => eventLine(closed ? withoutConfidential(each) : each));
  const documents = file.documents.map((each) => ({ ...each, content: closed ? null : each.content })).sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
  const law = lawOf(file.view, file.law);
  const entries = [
    inMemory('case.json', jsonFile(caseJson)),
    inMemory('events.jsonl', Buffer.from(lines.map((line) => `${line}\n`).join(''), 'utf8')),
    ...documents.flatMap(({ sha256: hash, content }) => (content === null ? [] : [{ ...content, name: documentFile(hash) }])),
    ...law.policies.map((set) => inMemory(policyFile(set.version), jsonFile(set.limits))),
    ...law.calendars.map((set) => inMemory(calendarFile(set.version), jsonFile(set.calendars))),
  ];
  const manifest: Manifest = {
    format: FORMAT, version: FORMAT_VERSION, caseNumber: file.view.caseNumber, type: file.view.type, redacted: closed,
    head: file.head, seal: file.seal, roots: [...file.anchors], destruction: file.destruction,
    documents: documents.map((each) => ({ sha256: each.sha256, included: each.content !== null })),
    files: entries.map(({ name, bytes, sha256: hash }) => ({ name, bytes, sha256: hash })),
  };
  return [inMemory('manifest.json', jsonFile(manifest)), ...entries];
}

function withoutConfidential({ shown: _shown, ...rest }: ShownEvent): ShownEvent {
  return rest;
}
