import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { StoreActivities, SystemActivities } from '../../activities/contract';

/** One of the store's local activities: tried until the store is back, one marker in history with the words a manager reads. */
function local<N extends keyof StoreActivities>(name: N, summary: string): StoreActivities[N] {
  const proxied: StoreActivities = proxyLocalActivities<StoreActivities>({
    summary,
    startToCloseTimeout: '20 seconds',
    localRetryThreshold: '20 seconds',
    retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '20 seconds' },
  });
  return proxied[name];
}

/** What a case asks of the project's own store. */
export const store: StoreActivities = {
  record: local('record', '记入案卷 entry in the case file'),
  allocateCaseNumber: local('allocateCaseNumber', '编立案号 a number for a linked case'),
  findOrgans: local('findOrgans', '查机关隶属关系 relations of the organs'),
  findPriorCase: local('findPriorCase', '查相关案件 look-up of another case'),
};

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
