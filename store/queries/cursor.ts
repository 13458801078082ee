/** A place in a sorted list: the sort value and the id of the last row shown. */
export interface Position {
  readonly at: number;
  readonly id: string;
}

/** Thrown when a cursor is not one of ours. */
export class BadCursor extends Error {
  override readonly name = 'BadCursor';
  constructor() {
    super('the cursor is not one that a page of this list gave');
  }
}

/** Position → the opaque text on the wire. */
export const writeCursor = (position: Position): string => Buffer.from(JSON.stringify([position.at, position.id])).toString('base64url');

/** The inverse of {@link writeCursor}. @throws BadCursor */
export function readCursor(cursor: string): Position {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw new BadCursor();
  }
  if (!Array.isArray(value) || value.length !== 2 || typeof value[0] !== 'number' || typeof value[1] !== 'string') throw new BadCursor();
  return { at: value[0], id: value[1] };
}

/** One page: the rows asked for, and where the next page begins; null on the last. */
export interface PageOf<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Cuts the extra row that was read to see whether there is more. */
export function pageOf<T>(rows: readonly T[], limit: number, position: (row: T) => Position): PageOf<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? writeCursor(position(last)) : null };
}
