import { messageOf } from './paths';

/**
 * Each server can be had in several ways; they are tried in order, and when none works one message says what was tried and what would help.
 */

/** Where progress lines go. */
export type Tell = (line: string) => void;

/** One way of having something. `have` throws with a short reason when the way is closed on this machine. */
export interface Way<T> {
  readonly name: string;
  /** What to install or set so that this way opens, as an instruction. */
  readonly remedy: string;
  /** A way whose absence is the usual case is not worth a progress line. */
  readonly quiet?: boolean;
  have(): Promise<T>;
}

/** Thrown when no way worked; the message lists every way with its reason and its remedy. */
export class NoWayError extends Error {
  override readonly name = 'NoWayError';
  constructor(what: string, attempts: readonly { readonly way: Pick<Way<unknown>, 'name' | 'remedy'>; readonly reason: string }[]) {
    super([
      `${what} cannot be had on this machine. Tried:`,
      ...attempts.map(({ way, reason }) => `  - ${way.name}: ${reason}`),
      'Any one of these helps:',
      ...attempts.map(({ way }) => `  - ${way.remedy}`),
    ].join('\n'));
  }
}

/** The first way's answer that does not throw. Each closed way is told with its reason; throws NoWayError when all are closed. */
export async function firstThatWorks<T>(what: string, ways: readonly Way<T>[], tell: Tell): Promise<T> {
  const attempts: { way: Way<T>; reason: string }[] = [];
  for (const way of ways) {
    try {
      return await way.have();
    } catch (error) {
      const reason = messageOf(error);
      attempts.push({ way, reason });
      if (way.quiet !== true) tell(`${what}: not by ${way.name} (${reason})`);
    }
  }
  throw new NoWayError(what, attempts);
}
