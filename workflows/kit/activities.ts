import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { StoreActivities, SystemActivities } from '../../activities/contract';

/** The store: local activities, tried until it is back. One of them is one marker in history. */
export const store = proxyLocalActivities<StoreActivities>({
  startToCloseTimeout: '20 seconds',
  localRetryThreshold: '20 seconds',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '20 seconds' },
});

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
