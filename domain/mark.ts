/**
 * A mark that the case file (MongoDB) and the engine (Temporal) carry alike and that is renewed in both, the engine first. By it a start sees that one of
 * the two was put back from an older backup than the other, or is not its companion at all.
 */
export interface Mark {
  /** Of the pair; made once. */
  readonly id: string;
  /** How often it has been renewed. */
  readonly n: number;
  /** When, milliseconds since the epoch. */
  readonly at: number;
}
