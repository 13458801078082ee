/** Acts of an operator stand in the audit as those of an officer do. */
import type { Store } from '../store';
import { UsageError } from './io';

/** A refusal that the user can understand; `code` is what the audit says of it. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

export interface OperatorsAct<T> {
  readonly action: string;
  /** Who does it, as they say. */
  readonly by: string;
  /** What it was done to; before it is done, undefined where that is not known yet. */
  readonly about: (done?: T) => string | undefined;
  /** The refusal that an error means to the user, or null. */
  readonly refusalOf: (error: unknown) => Refusal | null;
}

/** Does it and puts it on record, done or refused. @throws UsageError for what the user can understand, anything else as it came */
export async function recorded<T>(store: Store, { action, by, about, refusalOf }: OperatorsAct<T>, work: () => Promise<T>): Promise<T> {
  const record = (outcome: 'allowed' | 'refused', reason: string | null): Promise<void> =>
    store.audit.record({ at: Date.now(), user: by, organ: null, action, caseNumber: null, outcome, reason, requestId: 'cli' });
  try {
    const done = await work();
    await record('allowed', about(done) ?? null);
    return done;
  } catch (error) {
    const known = error instanceof UsageError ? { code: 'not-possible', message: error.message } : refusalOf(error);
    const what = about()?.slice(0, 60);
    await record('refused', known === null ? 'internal-error' : what === undefined ? known.code : `${what}: ${known.code}`);
    if (known === null) throw error;
    throw new UsageError(known.message);
  }
}
