import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { fenceOf, resolveAddress } from '../activities/store-activities';
import type { CaseView } from '../domain/case-file';
import { messageNames, type EventsOfRun } from '../domain/messages';
import type { OrganTree } from '../domain/organs';
import { StaleWriter, type Store } from '../store';
import { lastRecorded } from '../temporal/recorded';
import { chain } from '../evidence/chain';

/** What a repair found and did. */
export interface RepairReport {
  readonly checked: number;
  readonly repaired: readonly string[];
}

/** Thrown when cases could not be compared or written; all others have been. */
export class RepairFailed extends AggregateError {
  override readonly name = 'RepairFailed';
  constructor(readonly report: RepairReport, readonly failed: readonly string[], errors: readonly unknown[]) {
    super(errors, `${failed.length} cases could not be compared with Temporal: ${failed.slice(0, 20).join(', ')}`);
  }
}

/**
 * Puts back into the store what a crash took from it: for each case that Temporal changed since `since`, the view and events its workflow knows
 * are compared with what is on file, and written anew where the store is behind. Case numbers and their keys come back with them.
 * @throws RepairFailed after the last case, what a Temporal that is away throws at once
 */
export async function repair(store: Store, client: Client, organs: OrganTree, since: Date): Promise<RepairReport> {
  let checked = 0;
  const repaired: string[] = [];
  const failed: string[] = [];
  const errors: unknown[] = [];
  const query = `ExecutionStatus = "Running" OR StartTime > "${since.toISOString()}" OR CloseTime > "${since.toISOString()}"`;
  for await (const execution of client.workflow.list({ query })) {
    if (!/^[A-Z]{2,}-\d{4}-\d{6,}$/.test(execution.workflowId)) continue;
    checked++;
    try {
      if (await repairCase(store, client, organs, execution)) repaired.push(execution.workflowId);
    } catch (error) {
      // One case whose procedure cannot be asked does not keep the others from their repair.
      failed.push(execution.workflowId);
      errors.push(error);
    }
  }
  if (failed.length > 0) throw new RepairFailed({ checked, repaired }, failed, errors);
  return { checked, repaired };
}

async function repairCase(store: Store, client: Client, organs: OrganTree, execution: WorkflowExecutionInfo): Promise<boolean> {
  const handle = client.workflow.getHandle(execution.workflowId, execution.runId);
  const onFile = await store.cases.findView(execution.workflowId);
  if (!await isBehind(store, client, execution, onFile)) return false;
  const view = await handle.query<CaseView>(messageNames.view);
  await restoreKey(store, execution, view);
  const { events, ...place } = await handle.query<EventsOfRun>(messageNames.events);
  const known = await store.cases.findEvents(view.caseNumber, (events[0]?.seq ?? 1) - 1, events.length);
  const whole = known.length === events.length && (onFile?.revision ?? -1) >= view.revision;
  if (whole || events.length === 0) return false;
  const before = events[0]?.seq === 1 ? [] : await store.cases.findEvents(view.caseNumber, (events[0]?.seq ?? 1) - 2, 1);
  try {
    // In the place of the case's own last writing, and never before it: one that is under way is the case's own still, and not stale.
    await store.cases.write(view, chain(before[0]?.hash ?? '', events), fenceOf(place),
      (to) => (to === 'complainant' ? to : resolveAddress(to, organs)));
  } catch (error) {
    // The case itself has recorded more in the meantime, which is what repair is for; if it has not, somebody must be told.
    if (!(error instanceof StaleWriter) || ((await store.cases.findView(view.caseNumber))?.revision ?? -1) < view.revision) throw error;
    return false;
  }
  return true;
}

/**
 * Whether the store lacks something of a case: the whole of it, its close, events before its last, or, put back from a backup, its last. Only then is the workflow asked:
 * a query answered while a local activity runs can leave a history that no longer replays.
 */
async function isBehind(store: Store, client: Client, execution: WorkflowExecutionInfo, onFile: CaseView | null): Promise<boolean> {
  if (onFile === null) return true;
  const { status: { name: status }, workflowId, runId } = execution;
  if (status !== 'RUNNING' && status !== 'CONTINUED_AS_NEW' && onFile.status === 'open') return true;
  if (await store.cases.countEvents(onFile.caseNumber) < onFile.revision) return true;
  if (status !== 'RUNNING') return false;
  return await lastRecorded(client, { workflowId, runId }) > onFile.revision;
}

async function restoreKey(store: Store, execution: WorkflowExecutionInfo, view: CaseView): Promise<void> {
  const key = (execution.memo as { key?: unknown } | undefined)?.key;
  if (typeof key === 'string') await store.numbers.restore({ key, caseNumber: view.caseNumber, type: view.type, at: view.openedAt });
}
