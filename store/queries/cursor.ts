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

/** What a cursor looks like: whatever has this form is a place in a list, if not one that a page gave. */
export const cursorPattern = /^\d{1,16}~[A-Za-z0-9_-]{1,300}$/;

/** Position → the opaque text on the wire. */
export const writeCursor = (position: Position): string => `${position.at}~${Buffer.from(position.id).toString('base64url')}`;

/** The inverse of {@link writeCursor}. @throws BadCursor */
export function readCursor(cursor: string): Position {
  if (!cursorPattern.test(cursor)) throw new BadCursor();
  const [at = '', id = ''] = cursor.split('~');
  return { at: Number(at), id: Buffer.from(id, 'base64url').toString('utf8') };
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
