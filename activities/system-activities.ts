import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { SystemRefused, SystemUnavailable, type Kept, type SystemsClient } from '../systems/client';
import type { SystemActivities, SystemEntry } from './contract';

/** Where the other systems are. */
export interface SystemsContext {
  readonly systems: SystemsClient;
}

/** Calls to the personnel and record systems; each attempt is one exchange, Temporal tries again. */
export function createSystemActivities({ systems }: SystemsContext): SystemActivities {
  const attempt = async (call: (signal: AbortSignal) => Promise<Kept>): Promise<Kept> => {
    try {
      return await call(Context.current().cancellationSignal);
    } catch (error) {
      throw asFailure(error);
    }
  };
  return {
    fileForRecord: (entry) => attempt((signal) => systems.fileForRecord(fact(entry), signal)),
    recordCriticism: (entry) => attempt((signal) => systems.recordCriticism(fact(entry), signal)),
    publish: (entry) => attempt((signal) => systems.publish(fact(entry), signal)),
    copyToPersonnel: (entry) => attempt((signal) => systems.copyToPersonnel(fact(entry), signal)),
    enterPersonnelArchive: (entry) => attempt((signal) => systems.enterPersonnelArchive(fact(entry), signal)),
    registerPersonnelChange: (entry) => attempt((signal) => systems.registerPersonnelChange(fact(entry), signal)),
  };
}

/** The entry as the contract of the systems has it: plain data. */
function fact<T extends SystemEntry>(entry: T): Omit<T, 'by'> & { readonly by: { readonly kind: string; readonly id: string; readonly [name: string]: unknown } } {
  const { by, ...rest } = entry;
  return { ...rest, by: { ...by } };
}

/** A refusal for good is not tried again by Temporal; the case shows it and waits for an operator. */
function asFailure(error: unknown): unknown {
  if (error instanceof SystemRefused) return ApplicationFailure.nonRetryable(error.message, error.name);
  if (error instanceof SystemUnavailable) {
    return ApplicationFailure.create({ message: error.message, type: error.name, ...(error.retryAfterMs === undefined ? {} : { nextRetryDelay: error.retryAfterMs }) });
  }
  return error;
}
