import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { CaseView } from '../domain/case-file';
import type { Law } from '../domain/clock';
import { recalculate as recalculateClock } from '../domain/clock/recalculate';
import { messageNames, type RecalculateMessage } from '../domain/messages';
import { isStopped } from '../domain/record';
import type { Store } from '../store';

/**
 * Tells running cases of the law in force where it reaches them: a clock that rests on an unpublished year, once the calendar is another;
 * a clock whose policy entry changed, when the new entry says that it reaches running cases. Gives the numbers of the cases told.
 * Telling a case again changes nothing: its clocks are then under the version in force.
 */
export async function recalculate(store: Store, client: Client, law: Law): Promise<string[]> {
  const told: string[] = [];
  let after = '';
  for (;;) {
    const views = await store.cases.findUnderOtherLaw(law.current, after);
    for (const view of views) {
      const message = whatReaches(view, law, Date.now());
      if (message !== undefined && await tell(client, view.caseNumber, message)) told.push(view.caseNumber);
    }
    const last = views.at(-1);
    if (last === undefined) return told;
    after = last.caseNumber;
  }
}

/** What of the law in force reaches a running case; undefined when nothing does. */
export function whatReaches(view: CaseView, law: Law, now: number): RecalculateMessage | undefined {
  const reached = view.clocks.flatMap((clock) => {
    const change = isStopped(clock.spec) || clock.reading === null ? null : recalculateClock(clock.spec, law, now);
    return change === null ? [] : [{ id: clock.id, policyVersion: change.event.policyVersion, calendarVersion: change.event.calendarVersion }];
  });
  if (reached.length === 0) return undefined;
  return { ground: 'new-calendar-or-policy', clocks: reached };
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
