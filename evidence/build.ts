import { sha256 } from '../crypto/hash';
import type { CaseView } from '../domain/case-file';
import type { LawArchive } from '../domain/clock';
import { calendarFile, documentFile, eventLine, FORMAT, FORMAT_VERSION, jsonFile, policyFile, type Anchor, type CaseJson, type Destruction, type Manifest } from './format';
import { lawOf } from './law-files';
import { openView, type Seal } from './seal';
import type { ShownEvent } from './verify-chain';
import { writeZip, type ZipEntry } from './zip';

/** A case with everything an export is made of. */
export interface CaseFile {
  readonly view: CaseView;
  readonly head: { readonly seq: number; readonly hash: string };
  readonly events: readonly ShownEvent[];
  readonly seal: Seal | null;
  /** Confidential: with it, the hash of the whole view can be recomputed. */
  readonly salt: string | null;
  readonly anchors: readonly Anchor[];
  readonly destruction: Destruction | null;
  readonly documents: readonly { readonly sha256: string; readonly content: Uint8Array | null }[];
  readonly law: LawArchive;
}

/**
 * The export of a case: the same bytes for the same file. Redacted, it shows the open part of everything and the hashes of the rest;
 * the chain, the seal and every date can still be checked.
 */
export function buildExport(file: CaseFile, { redacted }: { readonly redacted: boolean }): Buffer {
  const closed = redacted || file.destruction !== null;
  const caseJson: CaseJson = closed ? { view: openView(file.view) } : { view: file.view, ...(file.salt === null ? {} : { salt: file.salt }) };
  const lines = file.events.map((each) => eventLine(closed ? withoutConfidential(each) : each));
  const documents = file.documents.map((each) => ({ ...each, content: closed ? null : each.content })).sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
  const law = lawOf(file.view, file.law);
  const entries: ZipEntry[] = [
    { name: 'case.json', data: jsonFile(caseJson) },
    { name: 'events.jsonl', data: Buffer.from(lines.map((line) => `${line}\n`).join(''), 'utf8') },
    ...documents.flatMap(({ sha256: hash, content }) => (content === null ? [] : [{ name: documentFile(hash), data: content }])),
    ...law.policies.map((set) => ({ name: policyFile(set.version), data: jsonFile(set.limits) })),
    ...law.calendars.map((set) => ({ name: calendarFile(set.version), data: jsonFile(set.calendars) })),
  ];
  const manifest: Manifest = {
    format: FORMAT, version: FORMAT_VERSION, caseNumber: file.view.caseNumber, type: file.view.type, redacted: closed,
    head: file.head, seal: file.seal, roots: [...file.anchors], destruction: file.destruction,
    documents: documents.map((each) => ({ sha256: each.sha256, included: each.content !== null })),
    files: entries.map(({ name, data }) => ({ name, bytes: data.length, sha256: sha256(data) })),
  };
  return writeZip([{ name: 'manifest.json', data: jsonFile(manifest) }, ...entries]);
}

function withoutConfidential({ shown: _shown, ...rest }: ShownEvent): ShownEvent {
  return rest;
}
