import type { AuditEntry, AuditLog } from '../audit';

/** An access on record: who looked at what, or was refused. Never holds what was seen. */
export type AccessEntry = AuditEntry;

/** Access to cases, on record: reading as well as change, refusals too. Append-only, in the chain of the day. */
export class AccessLog {
  constructor(private readonly audit: AuditLog) {}

  /** Writes an entry before the answer goes out: what is not on record is not shown. */
  record(entry: AccessEntry): Promise<void> {
    return this.audit.record(entry);
  }

  /** Entries on a case, oldest first, at most `limit`. */
  find(caseNumber: string, limit = 100): Promise<AccessEntry[]> {
    return this.audit.find(caseNumber, limit);
  }
}
