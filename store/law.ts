import type { Json } from '../domain/json';
import type { CalendarSet, LawArchive, PolicySet } from '../domain/clock';
import { loadLaw, type LoadedLaw } from '../policy/load';
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

  /** Keeps the versions of an archive. */
  async keep(archive: LawArchive, at: number): Promise<void> {
    const sets = [...archive.policies.map((set) => ({ kind: 'policy' as const, set })), ...archive.calendars.map((set) => ({ kind: 'calendar' as const, set }))];
    for (const { kind, set } of sets) {
      await this.laws.updateOne({ _id: `${kind}:${set.version}` }, { $setOnInsert: { kind, content: set as unknown as Json, firstSeen: at } }, { upsert: true });
    }
  }
}

/**
 * The law in force, over every version that was in force before: reads the files, adds what the store remembers, and makes the store remember this one.
 * @throws BadPolicy
 */
export async function openLaw(laws: LawStore, policyDir: string | undefined, now: number): Promise<LoadedLaw> {
  const law = loadLaw({ ...(policyDir === undefined ? {} : { policyDir }), history: await laws.findAll() });
  await laws.keep(law.archive, now);
  return law;
}
