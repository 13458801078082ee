import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { canonicalJson } from '../crypto/canonical-json';
import type { CaseClock, CaseView } from '../domain/case-file';
import { UnknownLaw, type Law } from '../domain/clock';
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
      const message = whatReaches(view, law);
      if (message !== undefined && await tell(client, view.caseNumber, message)) told.push(view.caseNumber);
    }
    const last = views.at(-1);
    if (last === undefined) return told;
    after = last.caseNumber;
  }
}

/** What of the law in force reaches a running case; undefined when nothing does. */
export function whatReaches(view: CaseView, law: Law): RecalculateMessage | undefined {
  const running = view.clocks.filter((clock) => !isStopped(clock.spec) && clock.reading !== null);
  const corrected = running.filter((clock) => entryReaches(clock, law));
  const published = running.filter((clock) => clock.reading?.provisional === true && clock.reading.calendarVersion !== law.current.calendarVersion);
  const clocks = [...new Set([...corrected, ...published])];
  if (clocks.length === 0) return undefined;
  return {
    policyVersion: corrected.length > 0 ? law.current.policyVersion : view.law?.policyVersion ?? law.current.policyVersion,
    calendarVersion: law.current.calendarVersion,
    ground: corrected.length > 0 ? 'corrected-limit' : 'calendar-published',
    clocks: clocks.map((clock) => clock.id),
  };
}

function entryReaches(clock: CaseClock, law: Law): boolean {
  const version = clock.reading?.policyVersion ?? clock.spec.policyVersion;
  if (version === law.current.policyVersion) return false;
  try {
    const now = law.limit(clock.spec.limitId, law.current.policyVersion);
    return now.transition === 'running-cases' && canonicalJson(now) !== canonicalJson(law.limit(clock.spec.limitId, version));
  } catch (error) {
    // An entry that the law in force no longer has reaches nobody.
    if (error instanceof UnknownLaw) return false;
    throw error;
  }
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
