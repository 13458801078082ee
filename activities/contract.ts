import type { Actor } from '../domain/case-definition';
import type { OrganRelations } from '../domain/case-file';
import type { Json } from '../domain/json';
import type { RecordBatch, RecordResult } from '../domain/record';

/** Local activities: short, against the project's own store. */
export interface StoreActivities {
  /** Writes one activation of a case: events (idempotent by case number and sequence), projection, notices; reads the clocks. */
  record(batch: RecordBatch): Promise<RecordResult>;
  /** The case number for a key; the same key always gets the same number. */
  allocateCaseNumber(request: { readonly type: string; readonly prefix: string; readonly key: string; readonly at: number }): Promise<string>;
  /** The relations of organs in the tree, by id. Unknown ids are an error that does not go away by trying again. */
  findOrgans(ids: readonly string[]): Promise<Readonly<Record<string, OrganRelations>>>;
  /** Another case as it stands on file: how it ended, and which case it has joined; null when there is none of this number. */
  findPriorCase(caseNumber: string): Promise<PriorCase | null>;
}

/** What one case may know of another. */
export interface PriorCase {
  readonly caseNumber: string;
  readonly type: string;
  readonly status: string;
  readonly outcome: string | null;
  /** The case it has joined. */
  readonly leading: string | null;
  /** The earlier case on the same facts that it named. */
  readonly prior: string | null;
}

/** A fact for another system; `key` is the same however often it is sent. */
export interface SystemEntry {
  readonly key: string;
  readonly caseNumber: string;
  readonly at: number;
  readonly by: Actor;
  readonly content: Json;
}

/** Calls to systems outside: they may be slow or down for long. */
export interface SystemActivities {
  /** 备案: a finding of fault is filed for record. */
  fileForRecord(entry: SystemEntry): Promise<{ readonly receipt: string }>;
  /** Notice of criticism of an organ 通报批评, kept with the record system. */
  recordCriticism(entry: SystemEntry & { readonly organ: string }): Promise<{ readonly receipt: string }>;
  /** Publication within the scope decided. */
  publish(entry: SystemEntry & { readonly scope: string }): Promise<{ readonly receipt: string }>;
  /** The result is copied to the personnel organ. */
  copyToPersonnel(entry: SystemEntry & { readonly staffId: string }): Promise<{ readonly receipt: string }>;
  /** Entry in the personnel archive 人事档案. */
  enterPersonnelArchive(entry: SystemEntry & { readonly staffId: string }): Promise<{ readonly receipt: string }>;
  /** A change of post, level or grade carried out by personnel. */
  registerPersonnelChange(entry: SystemEntry & { readonly staffId: string }): Promise<{ readonly receipt: string }>;
}

export type CaseActivities = StoreActivities & SystemActivities;
