import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { CaseView } from '../domain/case-file';
import type { Law } from '../domain/clock';
import { recalculate as recalculateClock, RECALCULATION_GROUNDS } from '../domain/clock/recalculate';
import { messageNames, type RecalculateMessage } from '../domain/messages';
import { isStopped } from '../domain/record';
import type { Store } from '../store';

/**
 * Tells running cases of the law in force where it reaches them: a clock that rests on an unpublished year, once the calendar is another;
 * a clock whose policy entry changed, when the new entry says that it reaches running cases. Gives the numbers of the cases told.
 * Telling a case again changes nothing: its clocks are then under the version in force. `stopping` ends it between two cases; the next start tells the rest.
 */
export async function recalculate(store: Store, client: Client, law: Law, stopping?: AbortSignal): Promise<string[]> {
  const told: string[] = [];
  let after = '';
  for (;;) {
    const views = await store.cases.findUnderOtherLaw(law.current, after);
    for (const view of views) {
      if (stopping?.aborted === true) return told;
      let reached = false;
      for (const message of whatReaches(view, law, Date.now())) reached = await tell(client, view.caseNumber, message) || reached;
      if (reached) told.push(view.caseNumber);
    }
    const last = views.at(-1);
    if (last === undefined) return told;
    after = last.caseNumber;
  }
}

/** What of the law in force reaches a running case, a message for each ground; none when nothing does. */
export function whatReaches(view: CaseView, law: Law, now: number): RecalculateMessage[] {
  const reached = view.clocks.flatMap((clock) => {
    const change = isStopped(clock.spec) || clock.reading === null ? null : recalculateClock(clock.spec, law, now);
    return change === null ? [] : [{ id: clock.id, event: change.event }];
  });
  return RECALCULATION_GROUNDS.flatMap((ground) => {
    const clocks = reached.filter(({ event }) => event.ground === ground).map(({ id, event: { policyVersion, calendarVersion } }) => ({ id, policyVersion, calendarVersion }));
    return clocks.length === 0 ? [] : [{ ground, clocks }];
  });
}

async function tell(client: Client, caseNumber: string, message: RecalculateMessage): Promise<boolean> {
  try {
    await client.workflow.getHandle(caseNumber).signal(messageNames.recalculate, message);
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
