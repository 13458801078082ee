import { statSync } from 'node:fs';
import type { Logger } from 'pino';
import type { Json } from '../domain/json';
import type { CalendarSet, LawArchive, PolicySet } from '../domain/clock';
import { loadLaw, policyFilesOf, type LoadedLaw } from '../policy/load';
import type { Collections } from './connect';

/** Versions of the law as they were in force, kept for as long as a case may refer to them. Content is what its version hashes, so writing one again changes nothing. */
export class LawStore {
  constructor(private readonly laws: Collections['laws']) {}

  /** Every version ever in force here. */
  async findAll(): Promise<LawArchive> {
    const documents = await this.laws.find().sort({ firstSeen: 1 }).toArray();
    const of = <T>(kind: 'policy' | 'calendar'): T[] => documents.filter((document) => document.kind === kind).map((document) => document.content as unknown as T);
    return { policies: of<PolicySet>('policy'), calendars: of<CalendarSet>('calendar') };
  }

  /** The versions by name alone, in order. */
  async findVersions(): Promise<string[]> {
    const documents = await this.laws.find().project<{ _id: string }>({ _id: 1 }).toArray();
    return documents.map(({ _id }) => _id).sort();
  }

  /** Keeps the versions of an archive. */
  async keep(archive: LawArchive, at: number): Promise<void> {
    const sets = [...archive.policies.map((set) => ({ kind: 'policy' as const, set })), ...archive.calendars.map((set) => ({ kind: 'calendar' as const, set }))];
    for (const { kind, set } of sets) {
      await this.laws.updateOne({ _id: `${kind}:${set.version}` }, { $setOnInsert: { kind, content: set as unknown as Json, firstSeen: at } }, { upsert: true });
    }
  }
}

/** The law in force of a running process, which follows what is loaded meanwhile: whoever holds it always reads the versions in force. */
export type FollowedLaw = LoadedLaw & {
  /**
   * Looks whether the files of the city's policy directory, or the versions on file, are others than when they were last read; if so reads them anew and makes
   * the store remember them. True when other versions are in force than before.
   * @throws BadPolicy, after which the law in force stays what it was
   */
  refresh(now: number): Promise<boolean>;
};

/**
 * The law in force, over every version that was in force before: reads the files, adds what the store remembers, and makes the store remember this one.
 * @throws BadPolicy
 */
export async function openLaw(laws: LawStore, policyDir: string | undefined, now: number): Promise<FollowedLaw> {
  const read = async (at: number): Promise<{ readonly law: LoadedLaw; readonly mark: string }> => {
    // Taken before the reading, so that what changes in between is read by the next refresh.
    const mark = await markOf(laws, policyDir);
    const law = loadLaw({ ...(policyDir === undefined ? {} : { policyDir }), history: await laws.findAll() });
    await laws.keep(law.archive, at);
    return { law, mark };
  };
  let { law, mark } = await read(now);
  return {
    get archive() { return law.archive; },
    get current() { return law.current; },
    limit: (limitId, policyVersion, on) => law.limit(limitId, policyVersion, on),
    calendar: (jurisdiction, version) => law.calendar(jurisdiction, version),
    async refresh(at) {
      if (await markOf(laws, policyDir) === mark) return false;
      const before = law.current;
      ({ law, mark } = await read(at));
      return law.current.policyVersion !== before.policyVersion || law.current.calendarVersion !== before.calendarVersion;
    },
  };
}

/** What tells whether anything is to be read anew: the city's files by name, size and time of change, and the versions on file. */
async function markOf(laws: LawStore, policyDir: string | undefined): Promise<string> {
  const files = policyDir === undefined ? [] : policyFilesOf(policyDir).map((file) => {
    const { size, mtimeMs } = statSync(file);
    return `${file} ${size} ${mtimeMs}`;
  });
  return [...files, ...await laws.findVersions()].join('\n');
}

/**
 * Refreshes the law every `everyMs` and calls `changed` when other versions are in force, and once more a round later, for what was being put on record
 * while it was at work. What is wrong with a file is logged once, and the law in force stays what it was. Gives the way to stop.
 */
export function followLaw(law: FollowedLaw, log: Pick<Logger, 'info' | 'error'>, changed: (stopping: AbortSignal) => Promise<void> = () => Promise.resolve(), everyMs = 10_000): () => Promise<void> {
  const stop = new AbortController();
  let [again, fault] = [false, ''];
  let timer: NodeJS.Timeout | undefined;
  const round = async (): Promise<void> => {
    try {
      const moved = await law.refresh(Date.now());
      if (moved) log.info({ ...law.current }, 'another law is in force');
      const due = moved || again;
      again = due;
      if (due) await changed(stop.signal);
      again = moved;
      fault = '';
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (text !== fault) log.error({ err: error }, 'the law could not be followed; what was in force stays so');
      fault = text;
    }
  };
  let running = Promise.resolve();
  const wait = (): void => {
    timer = setTimeout(() => { running = round().then(() => { if (!stop.signal.aborted) wait(); }); }, everyMs).unref();
  };
  wait();
  return async () => {
    stop.abort();
    clearTimeout(timer);
    await running;
  };
}
