import type { CaseActivities } from './contract';
import { createStoreActivities, type StoreContext } from './store-activities';
import { createSystemActivities, type SystemsContext } from './system-activities';

/** Every call out of a workflow, ready for a worker. */
export function createActivities(context: StoreContext & SystemsContext): CaseActivities {
  return { ...createStoreActivities(context), ...createSystemActivities(context) };
}

export type { CaseActivities } from './contract';
