import { ApplicationFailure } from '@temporalio/common';
import type { Assignee, ClockRules, OrganRelations } from '../domain/case-file';
import type { Law, PolicyLimit } from '../domain/clock';
import { foldClock, readClock, versionsAtStart, type ClockSpec } from '../domain/clock';
import type { CivilDate } from '../domain/civil-date';
import { UnknownOrgan, type OrganTree } from '../domain/organs';
import type { Person } from '../domain/person';
import { applyRecord, type RecordBatch, type RecordResult } from '../domain/record';
import { chain } from '../evidence/chain';
import type { Store } from '../store';
import { StaleWriter } from '../store';
import type { StoreActivities } from './contract';

/** What the store's activities stand on. */
export interface StoreContext {
  readonly store: Store;
  /** The law in force and every version a case may be pinned to. */
  readonly law: Law;
  readonly organs: OrganTree;
  /** The jurisdiction whose calendar clocks run by, unless a clock names another. */
  readonly jurisdiction: string;
  /** The head of an organ on the staff list. */
  readonly findHead: (organ: string) => Promise<Person | null>;
}

/** One writer's place: a run of a continued case comes after every position of the run before. */
export const fenceOf = ({ run, historyLength }: RecordBatch['fence']): number => run * 1_000_000 + historyLength;

/** The local activities of a case, over the store, the law and the organ tree. */
export function createStoreActivities(context: StoreContext): StoreActivities {
  const { store, law, organs } = context;
  return {
    async record(batch) {
      const result = readClocks(batch, context);
      const view = applyRecord(batch.view, result);
      const chained = chain(batch.head, batch.events);
      const last = chained.at(-1);
      if (last === undefined) throw ApplicationFailure.nonRetryable('a recording without events', 'empty-batch');
      try {
        await store.cases.write(view, chained, fenceOf(batch.fence), (to) => (to === 'complainant' ? to : resolveAddress(to, organs)));
      } catch (error) {
        if (error instanceof StaleWriter) throw ApplicationFailure.nonRetryable(error.message, error.name);
        throw error;
      }
      return { ...result, head: { seq: last.event.seq, hash: last.hash } };
    },

    allocateCaseNumber: (request) => store.numbers.allocate(request),

    async findOrgans(ids) {
      const relations: Record<string, OrganRelations> = {};
      for (const id of ids) relations[id] = await relationsOf(id, context);
      return relations;
    },

    async findPriorCase(caseNumber) {
      const view = await store.cases.findView(caseNumber);
      return view === null ? null : {
        caseNumber, type: view.type, status: view.status, outcome: view.outcome ?? null,
        leading: view.links.find((link) => link.relation === 'leading')?.caseNumber ?? null,
        prior: view.links.find((link) => link.relation === 'prior')?.caseNumber ?? null,
      };
    },
  };

  function readClocks(batch: RecordBatch, { jurisdiction }: StoreContext): Omit<RecordResult, 'head'> {
    const pinned = batch.view.law ?? { ...law.current, jurisdiction };
    const clocks: Record<string, RecordResult['clocks'][string]> = {};
    for (const id of batch.read) {
      const clock = batch.view.clocks.find((each) => each.id === id);
      if (clock === undefined) continue;
      const blank = clock.spec.policyVersion === '' ? { ...clock.spec, ...pinned } : clock.spec;
      // A clock that is read for the first time begins now: under the law that reaches it, which need not be all that the case began under.
      const versions = clock.reading === null ? versionsAtStart(blank.limitId, startOf(blank, law), blank, law) : undefined;
      const spec = { ...blank, ...versions };
      const reading = readClock(spec, law);
      clocks[id] = { reading, rules: rulesOf(law.limit(spec.limitId, reading.policyVersion)), events: spec.events.length, ...(versions === undefined ? {} : { versions }) };
    }
    return { law: pinned, clocks };
  }
}

/** The day a clock runs from. */
function startOf({ events, jurisdiction, calendarVersion }: ClockSpec, law: Law): CivilDate {
  const start = foldClock(events).start;
  const calendar = law.calendar(jurisdiction, calendarVersion);
  return start?.on ?? calendar.dateOf(calendar.dayAt(start?.at ?? 0));
}

function rulesOf(entry: PolicyLimit): ClockRules {
  return {
    title: entry.title,
    pauseGrounds: entry.pauseGrounds.map((ground) => ground.key),
    ...(entry.extension === undefined || entry.extension === null ? {} : { extension: { max: entry.extension.max, times: entry.extension.times, approverRole: entry.extension.approverRole } }),
    ladder: entry.ladder.map((rung) => ({ key: rung.key, effect: rung.effect, notify: rung.notify, title: rung.title })),
  };
}

/** `supervisory-of:yz-water` → the supervisory organ in charge of yz-water; `superior-of:yz-water` → the organ above it. */
export function resolveAddress(to: Assignee, organs: OrganTree): Assignee {
  const [prefix, organ] = to.organ.split(':', 2);
  if (organ === undefined || !organs.has(organ)) return { ...to, organ: organ ?? to.organ };
  if (prefix === 'supervisory-of') return { ...to, organ: organs.supervisoryOrganOf(organ) ?? organ };
  if (prefix === 'superior-of') return { ...to, organ: organs.superiorOf(organ) ?? organ };
  return to;
}

async function relationsOf(id: string, { organs, findHead }: StoreContext): Promise<OrganRelations> {
  try {
    const organ = organs.get(id);
    const head = await findHead(id);
    return {
      id, title: organ.title,
      superiors: organs.lineOf(id).slice(1),
      supervisory: organs.supervisoryOrganOf(id) ?? id,
      personnel: organs.personnelOrganOf(id) ?? id,
      government: organs.governmentOf(id) ?? id,
      ...(head === null ? {} : { head }),
    };
  } catch (error) {
    if (error instanceof UnknownOrgan) throw ApplicationFailure.nonRetryable(error.message, error.name, id);
    throw error;
  }
}
