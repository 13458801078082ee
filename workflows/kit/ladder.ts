import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import type { CaseClock } from '../../domain/case-file';
import { nextRung } from '../../domain/record';

/** A rung whose moment has come. */
export type FireRungs = (clockId: string, until: number) => void;

/**
 * One timer per clock, set for its next rung. Whenever a clock was read anew its timer is set anew;
 * a moment that has passed acts at once, and the rung records the legal moment beside the real one.
 */
export class Ladders {
  private readonly armed = new Map<string, { readonly at: number; readonly key: string; readonly scope: CancellationScope }>();

  constructor(private readonly fire: FireRungs, private readonly title: (clock: CaseClock, rungKey: string) => string) {}

  /** Sets, moves or drops the timers so that they agree with the clocks. */
  arm(clocks: readonly CaseClock[]): void {
    for (const id of this.armed.keys()) if (!clocks.some((clock) => clock.id === id)) this.drop(id);
    for (const clock of clocks) {
      const next = nextRung(clock);
      const armed = this.armed.get(clock.id);
      if (next?.at === armed?.at && next?.key === armed?.key) continue;
      this.drop(clock.id);
      if (next !== undefined) this.set(clock, next);
    }
  }

  dropAll(): void {
    for (const id of [...this.armed.keys()]) this.drop(id);
  }

  private drop(id: string): void {
    this.armed.get(id)?.scope.cancel();
    this.armed.delete(id);
  }

  private set(clock: CaseClock, next: { key: string; at: number }): void {
    const wait = next.at - Date.now();
    if (wait <= 0) {
      this.fire(clock.id, Date.now());
      return;
    }
    const scope = new CancellationScope();
    this.armed.set(clock.id, { ...next, scope });
    void scope.run(() => sleep(wait, { summary: this.title(clock, next.key) })).then(
      () => {
        // A rung that did not act, because its clock is to be read anew first, is set again with that reading.
        if (this.armed.get(clock.id)?.scope === scope) this.armed.delete(clock.id);
        this.fire(clock.id, Math.max(next.at, Date.now()));
      },
      (error: unknown) => { if (!isCancellation(error)) throw error; },
    );
  }
}
