/** What Temporal does not know of the cases on file; no worker is needed for it, and no case is asked. */
import type { Client } from '@temporalio/client';
import type { Collections } from '../../store';
import { lastRecorded } from '../../temporal/recorded';

/** A case that is open on file and has no workflow in Temporal, or one whose history ends before the file does. */
export interface Difference {
  readonly caseNumber: string;
  readonly difference: 'unknown' | 'behind';
}

/** How long before Temporal's mark an entry may have been made and yet be missing there: rounds of the mark, and clocks that differ; milliseconds. */
const MARGIN_MS = 600_000;

/** Compares every open case, and every other that moved since Temporal was last marked. An answer that was written and never confirmed makes a case `behind` as well. */
export async function* comparedWithEngine({ cases, events }: Pick<Collections, 'cases' | 'events'>, client: Client, markedAt: number): AsyncGenerator<Difference> {
  const moved = await events.distinct('caseNumber', { at: { $gte: markedAt - MARGIN_MS } });
  const candidates = cases.find({ $or: [{ status: 'open' }, { _id: { $in: moved } }] }).project<{ _id: string; status: string; revision: number }>({ _id: 1, status: 1, revision: 1 }).sort({ _id: 1 });
  for await (const { _id: caseNumber, status, revision } of candidates) {
    const known = await knownOf(client, caseNumber);
    // One that is closed and gone from Temporal is past its retention, and whole on file.
    if (known === null && status === 'open') yield { caseNumber, difference: 'unknown' };
    if (known !== null && known < revision) yield { caseNumber, difference: 'behind' };
  }
}

async function knownOf(client: Client, caseNumber: string): Promise<number | null> {
  try {
    const { workflowId, runId } = await client.workflow.getHandle(caseNumber).describe();
    return await lastRecorded(client, { workflowId, runId });
  } catch (error) {
    // By name: the class is not loaded for commands that do without Temporal.
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return null;
    throw error;
  }
}
