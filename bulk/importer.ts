import { createHash, randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Db } from 'mongodb';
import { canonicalJson } from '../crypto/canonical-json';
import { sha256 } from '../crypto/hash';
import type { Keyring } from '../crypto/keyring';
import { SealedFiles } from '../documents';
import type { CaseDefinition, FieldIssue } from '../domain/case-definition';
import type { Identity } from '../domain/identity';
import type { Json } from '../domain/json';
import { RowReader, type ColumnMapping } from './columns';
import { BadTable, readCsv, writeCsv, type Cell } from './csv';
import { ImportStore, type ImportRecord, type RowRecord } from './import-store';

/** Thrown by a starter for a row that cannot become a case, whenever it is tried. */
export class RowRefused extends Error {
  override readonly name = 'RowRefused';
  constructor(readonly issues: readonly FieldIssue[]) {
    super(issues.map((issue) => `${issue.path}: ${issue.message}`).join('; '));
  }
}

/** How rows become cases; whoever stands behind it holds the rights and speaks to the workflows. */
export interface CaseStarter {
  /** Everything that can be said of a row without starting it. @throws RowRefused */
  check(by: Identity, definition: CaseDefinition, intake: Json): Promise<void>;
  /** Starts the case of a row and gives its number; the same key is the same case. @throws RowRefused; anything else means that something is away */
  start(by: Identity, definition: CaseDefinition, intake: Json, key: string): Promise<string>;
}

export interface ImportOptions {
  readonly maxBytes?: number;
  readonly maxRows?: number;
  /** Cases started at once. */
  readonly atOnce?: number;
  /** Milliseconds without a sign of life after which a run counts as abandoned. */
  readonly aliveMs?: number;
  readonly now?: () => number;
}
const defaults = { maxBytes: 50 * 1024 * 1024, maxRows: 100_000, atOnce: 4, aliveMs: 30_000, now: Date.now } satisfies Required<ImportOptions>;

interface Log { error(object: object, message: string): void }

/** Rows written to the store together. */
const batch = 50;

/**
 * Bulk import: a dry run first, which starts nothing, then the import itself. A row's key comes from the file's hash and its number, so that
 * however often it is run, by whomever, each row is one case.
 */
export class Importer {
  readonly store: ImportStore;
  private readonly files: SealedFiles;
  private readonly options: Required<ImportOptions>;
  private readonly runner = randomUUID();
  private readonly running = new Map<string, Promise<void>>();
  private stopping = false;

  constructor(db: Db, keyring: Keyring, private readonly parts: { readonly definitions: { find(type: string): CaseDefinition | undefined }; readonly starter: CaseStarter; readonly log: Log }, options: ImportOptions = {}) {
    this.options = { ...defaults, ...options };
    this.store = new ImportStore(db, this.options.now);
    this.files = new SealedFiles(db, keyring, 'imports');
  }

  /**
   * The dry run: keeps the file, reads every row and says which could be started. The same file for the same case type by the same user is the same import.
   * @throws BadTable, BadColumns
   */
  async check(by: Identity, definition: CaseDefinition, mapping: ColumnMapping, source: AsyncIterable<Uint8Array>): Promise<ImportRecord> {
    const hash = createHash('sha256');
    const file = await this.files.write(this.measured(source, hash));
    const fileHash = hash.digest('hex');
    const _id = `I${sha256(canonicalJson([by.id, definition.type, fileHash, mapping])).slice(0, 31)}`;
    let kept = false;
    try {
      const known = await this.store.find(_id);
      if (known !== null) return known;
      const rows = await this.dryRun(_id, by, definition, mapping, () => this.files.read(file));
      kept = await this.store.insert({
        _id, caseType: definition.type, fileHash, file, mapping, by, createdAt: this.options.now(), finishedAt: null, state: 'checked', rows,
        counts: { valid: 0, invalid: 0, started: 0, refused: 0 }, fault: null, runner: null, aliveUntil: 0,
      });
      if (kept) await this.store.count(_id);
    } catch (error) {
      if (error instanceof BadTable) await this.store.forgetRows(_id);
      throw error;
    } finally {
      if (!kept) await this.files.remove(file);
    }
    return this.get(_id);
  }

  private async get(id: string): Promise<ImportRecord> {
    const found = await this.store.find(id);
    if (found === null) throw new Error(`the import ${id} is gone`);
    return found;
  }

  private async *measured(source: AsyncIterable<Uint8Array>, hash: ReturnType<typeof createHash>): AsyncGenerator<Uint8Array> {
    let size = 0;
    for await (const chunk of source) {
      size += chunk.byteLength;
      if (size > this.options.maxBytes) throw new BadTable(`a table has at most ${this.options.maxBytes} bytes`);
      hash.update(chunk);
      yield chunk;
    }
  }

  private async dryRun(id: string, by: Identity, definition: CaseDefinition, mapping: ColumnMapping, open: () => Readable): Promise<number> {
    let found: Omit<RowRecord, '_id' | 'import'>[] = [];
    let rows = 0;
    for await (const { row, intake, issues } of this.intakes(definition, mapping, open)) {
      if (++rows > this.options.maxRows) throw new BadTable(`a table has at most ${this.options.maxRows} rows`);
      const wrong = issues.length > 0 ? issues : await this.issuesOf(by, definition, intake);
      found.push({ row, state: wrong.length === 0 ? 'valid' : 'invalid', issues: wrong, caseNumber: null });
      if (found.length < batch) continue;
      await this.store.record(id, found);
      found = [];
    }
    await this.store.record(id, found);
    if (rows === 0) throw new BadTable('the table has no rows');
    return rows;
  }

  private async *intakes(definition: CaseDefinition, mapping: ColumnMapping, open: () => Readable): AsyncGenerator<{ row: number; intake: Json; issues: FieldIssue[] }> {
    let reader: RowReader | undefined;
    let width = 0;
    let row = 0;
    for await (const record of readCsv(open)) {
      row++;
      if (reader === undefined) {
        reader = new RowReader(definition.intake, record, mapping);
        width = record.length;
        continue;
      }
      const issues = record.length === width ? [] : [{ path: '', message: `the row has ${record.length} cells, the heading ${width}` }];
      yield { row, intake: reader.read(record), issues };
    }
  }

  private async issuesOf(by: Identity, definition: CaseDefinition, intake: Json): Promise<readonly FieldIssue[]> {
    try {
      await this.parts.starter.check(by, definition, intake);
      return [];
    } catch (error) {
      if (error instanceof RowRefused) return error.issues;
      throw error;
    }
  }

  /** Starts the cases, or goes on where a run stopped; works in the background. Null when it is done already or under way. */
  async run(id: string): Promise<ImportRecord | null> {
    const claimed = await this.store.claim(id, this.runner, this.options.aliveMs);
    if (claimed === null) return null;
    this.running.set(id, this.work(claimed).finally(() => { this.running.delete(id); }));
    return claimed;
  }

  /** Takes up imports whose process died. Gives their ids. */
  async resumeAbandoned(): Promise<string[]> {
    const resumed: string[] = [];
    for (const id of await this.store.abandoned()) if (await this.run(id) !== null) resumed.push(id);
    return resumed;
  }

  /** Removes tables kept since before an instant (milliseconds) that no import will read, and the pieces of those that never became one: what a crash left. Gives how many. */
  async removeOrphans(before: number): Promise<number> {
    let removed = await this.files.removeUnfinished(before);
    for await (const file of this.files.olderThan(before)) {
      if (await this.store.needs(file)) continue;
      await this.files.remove(file);
      removed++;
    }
    return removed;
  }

  /** Waits for a run of this process; at once when there is none. */
  async finished(id: string): Promise<void> {
    await this.running.get(id);
  }

  /** Stops after the rows in hand; what is left goes on at the next start. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.running.values());
  }

  private async work(record: ImportRecord): Promise<void> {
    const { _id } = record;
    try {
      const whole = await this.startRows(record);
      await this.store.release(_id, this.runner, { state: whole ? 'done' : 'running', fault: null, finishedAt: whole ? this.options.now() : null });
      // What is in the table is in the cases by now; it is not kept twice.
      if (whole) await this.files.remove(record.file);
    } catch (error) {
      this.parts.log.error({ err: error, import: _id }, 'an import stopped');
      // Should the store itself be away, the run counts as abandoned after a while and is taken up again.
      await this.store.release(_id, this.runner, { state: 'stopped', fault: error instanceof Error ? error.name : 'unknown', finishedAt: null }).catch((err: unknown) => {
        this.parts.log.error({ err, import: _id }, 'it could not be put on record that an import stopped');
      });
    }
  }

  /** False when it was told to stop, or another took over, before the end. */
  private async startRows(record: ImportRecord): Promise<boolean> {
    const definition = this.parts.definitions.find(record.caseType);
    if (definition === undefined) throw new Error(`no case type "${record.caseType}"`);
    const settled = await this.store.settledRows(record._id);
    let pending: { row: number; intake: Json }[] = [];
    for await (const { row, intake, issues } of this.intakes(definition, record.mapping, () => this.files.read(record.file))) {
      if (settled.has(row) || issues.length > 0) continue;
      pending.push({ row, intake });
      if (pending.length < this.options.atOnce) continue;
      if (this.stopping || !await this.store.alive(record._id, this.runner, this.options.aliveMs)) return false;
      await this.startSome(record, definition, pending);
      pending = [];
    }
    if (this.stopping && pending.length > 0) return false;
    await this.startSome(record, definition, pending);
    return true;
  }

  private async startSome(record: ImportRecord, definition: CaseDefinition, rows: readonly { readonly row: number; readonly intake: Json }[]): Promise<void> {
    const settled = await Promise.allSettled(rows.map(async ({ row, intake }): Promise<Omit<RowRecord, '_id' | 'import'>> => {
      try {
        const caseNumber = await this.parts.starter.start(record.by, definition, intake, `import:${definition.type}:${record.fileHash}:${row}`);
        return { row, state: 'started', issues: [], caseNumber };
      } catch (error) {
        if (error instanceof RowRefused) return { row, state: 'refused', issues: error.issues, caseNumber: null };
        throw error;
      }
    }));
    await this.store.record(record._id, settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])));
    await this.store.count(record._id);
    const failed = settled.find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** What became of each row, as CSV. */
  report(id: string): Readable {
    const rows = this.store.report(id);
    return writeCsv((async function* (): AsyncGenerator<readonly Cell[]> {
      yield ['row 行', 'state 状态', 'caseNumber 案件编号', 'issues 问题'];
      for await (const { row, state, caseNumber, issues } of rows) yield [row, state, caseNumber, issues.map((issue) => (issue.path === '' ? issue.message : `${issue.path}: ${issue.message}`)).join('; ')];
    })());
  }
}
