import type { Db } from 'mongodb';
import type { Person } from '../domain/person';

/** What the staff list holds of an officer; api/identity keeps it. */
interface StaffDocument {
  readonly _id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly organ: string;
  readonly staffId: string | null;
}

/** Looks up the head of an organ: whoever on the staff list is leader there, the first by id when there are several. */
export function findHeadIn(db: Db): (organ: string) => Promise<Person | null> {
  const users = db.collection<StaffDocument>('users');
  return async (organ) => {
    const head = await users.find({ organ, roles: 'leader' }).sort({ _id: 1 }).limit(1).next();
    if (head === null) return null;
    return { name: head.name, organ, postLevel: 'organ-head', ...(head.staffId == null ? {} : { staffId: head.staffId }) };
  };
}
