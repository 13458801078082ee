import type { Json } from '../../domain/json';

/** Work that was sent back, and why. */
class Returned {
  constructor(readonly reasons: string) {}
}

/** Sends work back to where it was done. */
export const returned = (reasons: string): Returned => new Returned(reasons);

/** Work is done, examined, and done again for as long as it is sent back; who does it again reads why. */
export async function untilAccepted<T>(attempt: (why: { readonly context?: Json }) => Promise<T | Returned>): Promise<T> {
  let why: { readonly context?: Json } = {};
  for (;;) {
    const outcome = await attempt(why);
    if (!(outcome instanceof Returned)) return outcome;
    why = { context: { returned: outcome.reasons } };
  }
}
