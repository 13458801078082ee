import { NotCanonical } from '../crypto/canonical-json';
import { sha256 } from '../crypto/hash';
import { lawFromVersions, PolicyLimit, type CalendarSet, type Law, type PolicySet } from '../domain/clock';
import { CalendarData } from '../domain/calendar/data';
import type { CaseClock, CaseView } from '../domain/case-file';
import { text, type Text } from '../domain/text';
import { documentId } from './document-id';
import { versionOf } from '../policy/version';
import { leafText, rootHash } from './daily-root';
import { destructionHash } from './destruction';
import { calendarFile, CaseJsonSchema, documentFile, eventLine, FORMAT, FORMAT_VERSION, jsonFile, ManifestSchema, parseEventLine, parseJson, policyFile, type Manifest } from './format';
import { lawVersionsOf } from './law-files';
import { provesLeaf } from './merkle';
import { checkNames, type Check, type CheckName, type Report } from './report';
import { openViewHash, sealHash, wholeViewHash } from './seal';
import { verifyChain, type Fault, type ShownEvent } from './verify-chain';
import { verifyCaseClocks } from './verify-clocks';
import { readZip } from './zip';

/** What one check came to: nothing of the kind, held (with what was seen), or the first place that does not hold. */
type Outcome = { readonly none: Text } | { readonly held: Text } | { readonly fault: Fault };

const held = (zh: string, en: string): Outcome => ({ held: text(zh, en) });
const none = (zh: string, en: string): Outcome => ({ none: text(zh, en) });
const fault = (place: string, zh: string, en: string): Outcome => ({ fault: { place, what: text(zh, en) } });

/** The export taken apart, as far as that went. */
interface Opened {
  readonly bytes: Uint8Array;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly damage: ReturnType<typeof readZip>['damage'];
  readonly manifest: Manifest | null;
  readonly view: CaseView | null;
  readonly salt: string | undefined;
  /** Events in order; the number of the first line that is none. */
  readonly events: readonly ShownEvent[];
  readonly lines: readonly string[];
  readonly badLine: number | null;
  law: Law | null;
}

/**
 * Checks an exported case from the bytes of its file alone: container, manifest, hashes, law versions, chain, seal, daily roots, destruction record, every date, documents.
 * Never throws on a bad file; the report names the first place that does not hold.
 * @param published a root as it was made public (hexadecimal): the case must lie under it
 */
export function verifyExport(bytes: Uint8Array, options: { readonly published?: string } = {}): Report {
  const opened = open(bytes);
  const checks: Check[] = [];
  for (const name of checkNames) {
    const outcome = attempt(name, opened, checks, options.published);
    checks.push(outcome === null ? { check: name, status: 'skipped', what: text('因前述问题未检查', 'not checked, because of the above') }
      : 'fault' in outcome ? { check: name, status: 'fails', what: outcome.fault.what, place: outcome.fault.place }
        : 'none' in outcome ? { check: name, status: 'none', what: outcome.none } : { check: name, status: 'holds', what: outcome.held });
  }
  const failed = checks.find((check) => check.status === 'fails');
  return {
    caseNumber: opened.manifest?.caseNumber ?? null, holds: failed === undefined, redacted: opened.manifest?.redacted ?? false, checks,
    first: failed === undefined ? null : { check: failed.check, place: failed.place ?? '', what: failed.what },
    roots: (opened.manifest?.roots ?? []).map(({ root }) => ({ day: root.day, hash: root.hash })),
  };
}

function open(bytes: Uint8Array): Opened {
  const { entries, damage } = readZip(bytes);
  const files = new Map(entries.map((entry) => [entry.name, entry.data]));
  const json = (name: string): unknown => parseJson(decode(files.get(name)));
  const manifest = ManifestSchema.safeParse(json('manifest.json'));
  const caseJson = CaseJsonSchema.safeParse(json('case.json'));
  const caseNumber = manifest.success ? manifest.data.caseNumber : '';
  const lines = decode(files.get('events.jsonl')).split('\n').slice(0, -1);
  const parsed = lines.map((line) => parseEventLine(caseNumber, line));
  const bad = parsed.indexOf(null);
  return {
    bytes, files, damage, manifest: manifest.success ? manifest.data : null,
    view: caseJson.success ? caseJson.data.view as unknown as CaseView : null, salt: caseJson.success ? caseJson.data.salt : undefined,
    events: parsed.filter((event) => event !== null), lines, badLine: bad === -1 ? null : bad + 1, law: null,
  };
}

/** Bytes as text; what is longer than any text can be is none. */
function decode(data: Uint8Array | undefined): string {
  if (data === undefined) return '';
  try {
    return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_STRING_TOO_LONG') return '';
    throw error;
  }
}

/**
 * Runs one check. A value without a canonical form (half a character) has no hash, so it cannot be what was recorded. Neither can what the law cannot be
 * computed from: the file may come from anybody, and whatever it makes a check stumble over does not hold.
 */
function attempt(name: CheckName, opened: Opened, before: readonly Check[], published: string | undefined): Outcome | null {
  try {
    return run(name, opened, before, published);
  } catch (error) {
    if (error instanceof NotCanonical) return fault(error.path === '' ? name : error.path, '没有规范形式', error.message);
    if (!(error instanceof Error)) throw error;
    return fault(name, '内容无法据以核算', `cannot be computed from what the file holds: ${error.message}`);
  }
}

/** Runs one check; null when what it needs has already been found wanting. */
function run(name: CheckName, opened: Opened, before: readonly Check[], published: string | undefined): Outcome | null {
  const fails = (check: CheckName): boolean => before.some((each) => each.check === check && each.status !== 'holds');
  const { manifest, view } = opened;
  if (name === 'container') return container(opened);
  if (name === 'manifest') return checkManifest(opened);
  if (manifest === null) return null;
  if (name === 'files') return checkFiles(opened, manifest);
  if (name === 'chain') return checkChain(opened, manifest);
  // A damaged container says all there is to say about the rest; only the places above are narrowed down further.
  if (view === null || fails('container')) return null;
  switch (name) {
    case 'law': return checkLaw(opened, view);
    case 'seal': return fails('chain') ? null : checkSeal(manifest, view, opened.salt);
    case 'roots': return fails('chain') ? null : checkRoots(manifest, opened.events, published);
    case 'destruction': return checkDestruction(manifest, opened.events);
    case 'clocks': return opened.law === null || fails('chain') ? null : checkClocks(view.clocks, opened.events, opened.law);
    case 'documents': return checkDocuments(opened, manifest, view);
  }
}

function container({ damage, bytes }: Opened): Outcome {
  if (damage === null) return held(`${bytes.length} 字节`, `${bytes.length} bytes, each of them as it was written`);
  return fault(`byte ${damage.offset}${damage.entry === null ? '' : ` (${damage.entry})`}`, '文件被改动或损坏', damage.what);
}

function checkManifest({ manifest, files }: Opened): Outcome {
  const raw = files.get('manifest.json');
  if (raw === undefined) return fault('manifest.json', '缺失', 'is missing');
  if (manifest === null) {
    const value = parseJson(decode(raw));
    const { format, version } = (value ?? {}) as { readonly format?: unknown; readonly version?: unknown };
    if (format === FORMAT && typeof version === 'number' && version > FORMAT_VERSION) {
      return fault('manifest.json version', `由更新版本的系统导出(格式 ${version}),请用该版本核验`, `was exported by a newer version (format ${version}; this one reads ${FORMAT_VERSION}): verify it with that one`);
    }
    const parsed = ManifestSchema.safeParse(value);
    const issue = parsed.error?.issues[0];
    return fault(`manifest.json ${issue?.path.join('.') ?? ''}`.trim(), '格式不符', issue?.message ?? 'cannot be read');
  }
  if (!Buffer.from(raw).equals(jsonFile(manifest))) return fault('manifest.json', '不是规范形式', 'is not in canonical form');
  return held(`案件 ${manifest.caseNumber}${manifest.redacted ? '(脱敏)' : ''}`, `case ${manifest.caseNumber}${manifest.redacted ? ', redacted' : ''}`);
}

function checkFiles({ files, view }: Opened, manifest: Manifest): Outcome {
  const listed = ['manifest.json', ...manifest.files.map((file) => file.name)];
  const names = [...files.keys()];
  for (const file of manifest.files) {
    const data = files.get(file.name);
    if (data === undefined) return fault(file.name, '缺失', 'is listed but missing');
    if (data.length !== file.bytes || sha256(data) !== file.sha256) return fault(file.name, '与目录中的摘要不符', 'does not fit its SHA-256 in the manifest');
  }
  const stray = names.find((name) => !listed.includes(name)) ?? names.find((name, index) => listed[index] !== name);
  if (stray !== undefined) return fault(stray, '未列入目录或次序不符', 'is not listed, or not in its place');
  const notCanonical = names.find((name) => name.endsWith('.json') && !isCanonical(files.get(name)));
  if (notCanonical !== undefined) return fault(notCanonical, '不是规范形式', 'is not in canonical form');
  if (view === null) return fault('case.json', '格式不符', 'is not a case');
  if (view.caseNumber !== manifest.caseNumber || view.type !== manifest.type) return fault('case.json caseNumber', '与目录不是同一案件', 'is not the case of the manifest');
  return held(`${manifest.files.length} 个文件与摘要相符`, `${manifest.files.length} files fit their SHA-256`);
}

function isCanonical(data: Uint8Array | undefined): boolean {
  const value = parseJson(decode(data));
  return value !== undefined && data !== undefined && jsonFile(value).equals(data);
}

function checkChain({ events, lines, badLine }: Opened, manifest: Manifest): Outcome {
  if (badLine !== null) return fault(`events.jsonl line ${badLine}`, '不是案件记录', 'is not an event');
  const verdict = verifyChain(manifest.caseNumber, events);
  if (!verdict.holds) return { fault: verdict.fault };
  // Read in another way (the first of two members of one name), such a line could say something else.
  const otherwise = events.findIndex((event, index) => eventLine(event) !== lines[index]);
  if (otherwise !== -1) return fault(`events.jsonl line ${otherwise + 1}`, '不是规范形式', 'is not in canonical form');
  const hidden = manifest.redacted ? undefined : events.find((each) => each.shown === undefined);
  if (hidden !== undefined) return fault(`event ${hidden.event.seq}, confidential part`, '保密部分缺失', 'the confidential part is missing or could not be opened');
  if (verdict.head.seq !== manifest.head.seq || verdict.head.hash !== manifest.head.hash) {
    return fault(`event ${verdict.head.seq + 1}`, `证据链止于第 ${verdict.head.seq} 条,应为第 ${manifest.head.seq} 条`, `the chain ends at event ${verdict.head.seq}, but its head is event ${manifest.head.seq}`);
  }
  return held(`${verdict.head.seq} 条记录首尾相接`, `${verdict.head.seq} events, each on the one before`);
}

function checkLaw(opened: Opened, view: CaseView): Outcome {
  const policies: PolicySet[] = [];
  const calendars: CalendarSet[] = [];
  const versions = lawVersionsOf(view);
  for (const version of versions.policies) {
    const content = parseJson(decode(opened.files.get(policyFile(version))));
    if (content === undefined) return fault(policyFile(version), '缺失', 'is missing: the case was dated by it');
    if (versionOf(content) !== version) return fault(policyFile(version), '内容与其版本号不符', 'the content is not the one its version is the hash of');
    const limits = PolicyLimit.array().safeParse(content);
    if (!limits.success) return fault(`${policyFile(version)} ${limits.error.issues[0]?.path.join('.') ?? ''}`, '无法读取', limits.error.issues[0]?.message ?? 'cannot be read');
    policies.push({ version, limits: limits.data });
  }
  for (const version of versions.calendars) {
    const content = parseJson(decode(opened.files.get(calendarFile(version))));
    if (content === undefined) return fault(calendarFile(version), '缺失', 'is missing: the case was dated by it');
    if (versionOf(content) !== version) return fault(calendarFile(version), '内容与其版本号不符', 'the content is not the one its version is the hash of');
    const sets = CalendarData.array().safeParse(content);
    if (!sets.success) return fault(`${calendarFile(version)} ${sets.error.issues[0]?.path.join('.') ?? ''}`, '无法读取', sets.error.issues[0]?.message ?? 'cannot be read');
    calendars.push({ version, calendars: sets.data });
  }
  opened.law = lawFromVersions({ policies, calendars }, { policyVersion: versions.policies[0] ?? '', calendarVersion: versions.calendars[0] ?? '' });
  return held(`政策 ${versions.policies.join(', ')},日历 ${versions.calendars.join(', ')}`, `policy ${versions.policies.join(', ')}, calendar ${versions.calendars.join(', ')}: each the hash of its content`);
}

function checkSeal({ seal, head, redacted, caseNumber }: Manifest, view: CaseView, salt: string | undefined): Outcome {
  if (seal === null) return view.status === 'closed' ? fault('manifest.json seal', '已办结案件没有封存', 'the case is closed but not sealed') : none('未办结,尚未封存', 'the case is open, and not sealed yet');
  if (seal.caseNumber !== caseNumber) return fault('manifest.json seal.caseNumber', '属于另一案件', 'is of another case');
  if (seal.seq !== head.seq || seal.head !== head.hash) return fault('manifest.json seal.head', `封存于第 ${seal.seq} 条,而证据链止于第 ${head.seq} 条`, `the case was sealed at event ${seal.seq}, and the chain ends at event ${head.seq}`);
  if (view.closedAt !== seal.closedAt) return fault('manifest.json seal.closedAt', '与办结时间不符', 'is not when the case closed');
  if (openViewHash(view) !== seal.view.open) return fault('case.json view', '公开部分与封存时不符', 'its open part is not the one that was sealed');
  if (redacted) return held(`封存于第 ${seal.seq} 条(保密部分未示)`, `sealed at event ${seal.seq}; the open part of the view is the one that was sealed`);
  if (salt === undefined || wholeViewHash(view, salt) !== seal.view.whole) return fault('case.json view, confidential part', '保密部分与封存时不符', 'its confidential part is not the one that was sealed');
  return held(`封存于第 ${seal.seq} 条`, `sealed at event ${seal.seq}; the view is the one that was sealed`);
}

function checkRoots({ roots, seal, caseNumber, head }: Manifest, events: readonly ShownEvent[], published: string | undefined): Outcome {
  if (roots.length === 0) {
    return published === undefined ? none('尚无每日总摘要', 'no daily root covers the case yet') : fault('manifest.json roots', '案件不在所公布的总摘要之下', 'the case does not lie under the published root');
  }
  for (const { root, leaf, proof } of roots) {
    const place = `root of ${root.day}`;
    if (rootHash(root) !== root.hash) return fault(place, '与其摘要不符', 'does not fit its hash');
    if (leaf.caseNumber !== caseNumber) return fault(place, '证明的是另一案件', 'proves another case');
    const event = events[leaf.seq - 1];
    if (event?.hash !== leaf.head) return fault(`event ${leaf.seq}`, `与 ${root.day} 总摘要所载不符`, `is not the one that stood under the root of ${root.day}`);
    if (leaf.seal !== null && (seal === null || sealHash(seal) !== leaf.seal)) return fault('manifest.json seal', `与 ${root.day} 总摘要所载不符`, `is not the one that stood under the root of ${root.day}`);
    if (proof.count !== root.cases || !provesLeaf(leafText(leaf), proof, root.merkle)) return fault(place, '案件不在此总摘要之下', 'the case does not lie under it');
  }
  if (published !== undefined && !roots.some(({ root }) => root.hash === published)) return fault('manifest.json roots', '案件不在所公布的总摘要之下', 'the case does not lie under the published root');
  const covered = Math.max(...roots.map(({ leaf }) => leaf.seq));
  return held(`${roots.length} 个总摘要,覆盖至第 ${covered} 条(共 ${head.seq} 条)`, `${roots.length} daily roots cover the chain up to event ${covered} of ${head.seq}`);
}

function checkDestruction({ destruction, caseNumber, head, redacted, documents }: Manifest, events: readonly ShownEvent[]): Outcome {
  if (destruction === null) return none('未销毁', 'nothing was destroyed');
  if (!redacted) return fault('manifest.json redacted', '销毁后的案卷不会完整', 'a case that was destroyed cannot be whole');
  if (destructionHash(destruction) !== destruction.hash) return fault('manifest.json destruction', '与其摘要不符', 'does not fit its hash');
  if (destruction.caseNumber !== caseNumber || destruction.seq !== head.seq || destruction.head !== head.hash) return fault('manifest.json destruction.head', '不是此案销毁时的证据链', 'is not of this chain');
  if (destruction.destroyed.documents.some((hash) => !documents.some((each) => each.sha256 === hash))) return fault('manifest.json documents', '缺少已销毁的材料', 'leaves out a document that was destroyed');
  return held(
    `${new Date(destruction.at).toISOString()} 由 ${destruction.by} 按“${destruction.rule.article.zh}”销毁保密部分,${events.length} 条记录的摘要仍在`,
    `the confidential part was destroyed on ${new Date(destruction.at).toISOString()} by ${destruction.by} under "${destruction.rule.article.en}"; the hashes of ${events.length} events remain`,
  );
}

function checkClocks(clocks: readonly CaseClock[], events: readonly ShownEvent[], law: Law): Outcome {
  if (clocks.length === 0) return none('没有期限', 'the case has no clocks');
  const verdict = verifyCaseClocks(clocks, events, law);
  if ('fault' in verdict) return verdict;
  return held(`${clocks.length} 个期限、${verdict.dates} 个日期重新计算一致`, `${verdict.dates} dates of ${clocks.length} clocks, each computed again and the same`);
}

function checkDocuments({ files }: Opened, manifest: Manifest, view: CaseView): Outcome {
  const named = new Set(manifest.documents.map((document) => document.sha256));
  for (const { sha256: hash, included } of manifest.documents) {
    const data = files.get(documentFile(hash));
    if (included !== (data !== undefined)) return fault(documentFile(hash), '与目录不符', included ? 'is missing' : 'is there, and is not said to be');
    if (data !== undefined && sha256(data) !== hash) return fault(documentFile(hash), '内容与其摘要不符', 'the content is not the one its name is the hash of');
    if (!included && !manifest.redacted) return fault(documentFile(hash), '在卷而未附上', 'is on file but its content is not here');
  }
  const missing = view.evidence.flatMap((entry) => ownDocumentIn(entry, manifest.caseNumber)).find((hash) => !named.has(hash));
  if (missing !== undefined) return fault(documentFile(missing), '证据所指材料缺失', 'the case refers to it, and it is not on file');
  return named.size === 0 ? none('没有材料', 'no documents are on file') : held(`${named.size} 份材料`, `${named.size} documents${manifest.redacted ? ', by their hashes' : ''}`);
}

/** The hash of the document of ours that an entry of evidence names; what an officer only describes is kept elsewhere. */
function ownDocumentIn(entry: unknown, caseNumber: string): string[] {
  const { sha256: hash, documentId: id } = (entry ?? {}) as { readonly sha256?: unknown; readonly documentId?: unknown };
  return typeof hash === 'string' && id === documentId(caseNumber, hash) ? [hash] : [];
}
