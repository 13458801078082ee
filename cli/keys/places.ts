/** Every place where something of ours lies sealed, in the project's database and in those of the reference systems beside it. */
import type { Db } from 'mongodb';
import { reasonPurpose } from '../../api/identity/delegations';
import type { Keyring } from '../../crypto/keyring';
import { filePlaces, placeOfDocuments, type SealedFilePlace } from '../../documents/reseal';
import { secretPurpose } from '../../outbox/subscriptions';
import type { Store } from '../../store';
import { placesOfStore, sealedField, type SealedPlace } from '../../store/reseal';
import { placeOfLedger } from '../../systems/reseal';

/** The databases to look through: the project's, and those of the reference systems where they are used; a city's own systems are not ours to read. */
export async function databasesOf({ connection: { client, db } }: Store): Promise<Db[]> {
  const beside = [`${db.databaseName}_personnel`, `${db.databaseName}_records`].map((name) => client.db(name));
  const used = await Promise.all(beside.map(async (each) => (await each.listCollections({}, { nameOnly: true }).toArray()).length > 0));
  return [db, ...beside.filter((_, index) => used[index] === true)];
}

/** The places whose documents are renewed one by one. Cases come first: the inboxes take the numbers of the named from them. */
export function placesOf(store: Store, databases: readonly Db[], keyring: Keyring): SealedPlace[] {
  const { connection: { db, collections }, seals } = store;
  const subscriptions = sealedField(keyring, db.collection('subscriptions'), 'sealedSecret', (row) => secretPurpose(String(row['_id'])));
  const delegations = sealedField(keyring, db.collection('delegations'), 'sealedReason', (row) => reasonPurpose(String(row['_id'])));
  const ledgers = databases.filter((each) => each.databaseName !== db.databaseName).map((each) => placeOfLedger(each, keyring));
  return [...placesOfStore({ db, collections, seals, keyring }), placeOfDocuments(db, keyring), subscriptions, delegations, ...ledgers];
}

/** The places of files. */
export const filePlacesOf = ({ connection: { db } }: Store, keyring: Keyring): SealedFilePlace[] => filePlaces(db, keyring);
