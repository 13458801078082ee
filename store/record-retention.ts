import { addDays, civilDateAt, DAY_MS, type CivilDate } from '../domain/civil-date';
import type { RecordTerms } from '../policy/records';
import type { AuditLog } from './audit';
import type { Requests } from './queries/requests';
import type { RootStore } from './roots';

/** What is past its term. */
export interface RecordsDue {
  /** Idempotency keys. */
  readonly requests: number;
  /** Days of the audit, oldest first. */
  readonly audit: readonly CivilDate[];
}

/** Removes records of the system itself that are past their term: remembered requests, and whole days of the audit that lie under a daily root. */
export class RecordRetention {
  constructor(private readonly parts: { readonly requests: Requests; readonly roots: RootStore; readonly audit: AuditLog }) {}

  /** What is due at `now`. Changes nothing. */
  async due(terms: RecordTerms, now: number): Promise<RecordsDue> {
    const { requests, roots } = this.parts;
    return {
      requests: terms.requests === null ? 0 : await requests.countBefore(now - terms.requests * DAY_MS),
      audit: terms.audit === null ? [] : await roots.daysWithAuditBefore(addDays(civilDateAt(now), -terms.audit)),
    };
  }

  /** Removes what is due. An interruption in the middle of a day is taken up by the next call. @param by id of whoever decided */
  async apply(terms: RecordTerms, now: number, by: string): Promise<RecordsDue> {
    const { audit } = await this.due(terms, now);
    for (const day of audit) {
      // On record before anything is gone; by this entry the check of the roots knows that the day is missing by rule.
      await this.parts.audit.record({ at: now, user: by, organ: null, action: 'audit.destroy', caseNumber: null, outcome: 'allowed', reason: day, requestId: '' });
      await this.parts.roots.destroyAudit(day, { at: now, by });
    }
    return { requests: await this.forgetRequests(terms, now), audit };
  }

  /** Forgets the requests that are due, and nothing else: what goes on by itself. Gives how many. */
  async forgetRequests(terms: RecordTerms, now: number): Promise<number> {
    return terms.requests === null ? 0 : this.parts.requests.forgetBefore(now - terms.requests * DAY_MS);
  }
}
