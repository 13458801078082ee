import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { StoreActivities, SystemActivities } from '../../activities/contract';

/**
 * How the store is asked: a few times at once, all in one workflow task, which Temporal is told every 8 s is still under way. Then the answer is no, and the case
 * asks again between waits (`untilStored` in recorder.ts): core's own retry without end left 3 events every 8 s in the history, and a run is ended at 51,200.
 */
const insistent = { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '5 seconds', maximumAttempts: 6 } as const;
/** One more attempt beside the first, for the one that finds a connection dead. */
const again = { initialInterval: '1 second', maximumAttempts: 2 } as const;

/** One of the store's local activities, one marker in history with the words a manager reads. */
function local<N extends keyof StoreActivities>(name: N, retry: typeof insistent | typeof again, summary: string): StoreActivities[N] {
  const proxied: StoreActivities = proxyLocalActivities<StoreActivities>({ summary, startToCloseTimeout: '20 seconds', localRetryThreshold: '20 seconds', retry });
  return proxied[name];
}

const storeWith = (retry: typeof insistent | typeof again): StoreActivities => ({
  record: local('record', retry, '记入案卷 entry in the case file'),
  allocateCaseNumber: local('allocateCaseNumber', retry, '编立案号 a number for a linked case'),
  findOrgans: local('findOrgans', retry, '查机关隶属关系 relations of the organs'),
  findPriorCase: local('findPriorCase', retry, '查相关案件 look-up of another case'),
});

/** What a case asks of the project's own store: at first, and when it has been away. */
export const stores = { insistent: storeWith(insistent), again: storeWith(again) } as const;

const systemNames: readonly (keyof SystemActivities)[] = [
  'fileForRecord', 'recordCriticism', 'publish', 'copyToPersonnel', 'enterPersonnelArchive', 'registerPersonnelChange',
];

/** A first, brisk attempt at another system: it fails soon, so that the case can say it is waiting. */
const brisk = { startToCloseTimeout: '15 seconds', retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumAttempts: 3 } } as const;
/** Then patience: for as long as the system is away. */
const patient = { startToCloseTimeout: '30 seconds', retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '1 minute' } } as const;

/** The other systems' activities with the words a manager reads in the history. */
export function systemsWith(patience: 'brisk' | 'patient', summary: string): SystemActivities {
  const proxied = proxyActivities<SystemActivities>({ ...(patience === 'brisk' ? brisk : patient), summary });
  return Object.fromEntries(systemNames.map((name) => [name, proxied[name]])) as unknown as SystemActivities;
}
