import { patched } from '@temporalio/workflow';
import type { Json } from '../../domain/json';

/**
 * What the procedure has waited for, by name and round: a case of many months goes on in a new run, runs through its procedure again
 * and finds every earlier result where it was (ADR 2).
 */
export class Journal {
  private readonly results: Map<string, Json>;
  private readonly rounds = new Map<string, number>();

  /** @param firstRun whether the case is in the run it was started in */
  constructor(carried: Readonly<Record<string, Json>>, private readonly firstRun: boolean) {
    this.results = new Map(Object.entries(carried));
  }

  find(wait: string): Json | undefined { return this.results.get(wait); }
  keep(wait: string, result: Json): void { this.results.set(wait, result); }
  entries(): Readonly<Record<string, Json>> { return Object.fromEntries(this.results); }

  /** Counts how often the procedure has got to a wait of this name: the first time is round 1. */
  nextRound(name: string): number {
    const round = (this.rounds.get(name) ?? 0) + 1;
    this.rounds.set(name, round);
    return round;
  }

  /** True the first time the procedure gets to this point, false when it runs through it again in a new run. */
  once(name: string): boolean {
    const wait = `${name}#${this.nextRound(name)}`;
    if (this.results.has(wait)) return false;
    this.results.set(wait, true);
    return true;
  }

  /** The result of an earlier run, or of the work done now. */
  async recall<T>(name: string, work: () => Promise<T>): Promise<T> {
    const wait = `${name}#${this.nextRound(name)}`;
    const known = this.results.get(wait);
    if (known !== undefined) return known as T;
    const result = await work();
    this.results.set(wait, result as Json);
    return result;
  }

  /** Whether the code of a change applies to this case; asked once per case and kept when it goes on in a new run. */
  patched(id: string): boolean {
    const wait = `patch:${id}`;
    const known = this.results.get(wait);
    if (known !== undefined) return known === true;
    const applies = this.firstRun ? patched(id) : false;
    this.results.set(wait, applies);
    return applies;
  }

  /** Forgets everything but how often and which changes of the code apply (in a later run they could not be asked again), so that the procedure can begin anew (a follower released by its leading case). */
  restart(): void {
    const course = this.course + 1;
    const patches = [...this.results].filter(([wait]) => wait.startsWith('patch:'));
    this.results.clear();
    this.rounds.clear();
    for (const [wait, applies] of patches) this.results.set(wait, applies);
    this.results.set('course', course);
  }

  /** How often the procedure has begun anew. */
  private get course(): number { return Number(this.results.get('course') ?? 0); }

  /** Sets apart, in the keys by which other systems know a fact, what a procedure did before it began anew. */
  get courseSuffix(): string { return this.course === 0 ? '' : `/${this.course}`; }
}
