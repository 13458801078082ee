import type { Db } from 'mongodb';
import { canonicalJson } from '../crypto/canonical-json';
import { CannotOpen, type Keyring } from '../crypto/keyring';
import type { SealedPlace } from '../store/reseal';
import { ledgerPurpose, staffTerm } from './ledger';

interface LedgerFields {
  readonly body: string;
  readonly staffId: string | null;
  readonly sealed: string;
}

/** The sealed facts of a reference system, with the keyed hash by which equal bodies are recognised and the index of whom they are about. */
export function placeOfLedger(db: Db, keyring: Keyring): SealedPlace {
  return {
    name: `${db.databaseName}.ledger`, collection: db.collection('ledger'), fields: ['body', 'staffId', 'sealed'],
    renew: (document) => Promise.resolve(document as unknown as LedgerFields).then(({ body, staffId, sealed }) => {
      if (keyring.isCurrent(sealed) && keyring.isCurrentBlind(body) && (staffId === null || keyring.isCurrentBlind(staffId))) return null;
      const plain = keyring.openText(sealed, ledgerPurpose);
      const { entry, place } = JSON.parse(plain) as { readonly entry: unknown; readonly place: { readonly staffId?: string } };
      const text = canonicalJson({ entry, place });
      // A hash that does not belong to what is sealed beside it must not be made good by making it anew.
      if (!keyring.blindUnderAll(text).includes(body)) throw new CannotOpen('tampered');
      return { guard: { sealed }, set: { sealed: keyring.sealText(plain, ledgerPurpose), body: keyring.blind(text), staffId: place.staffId === undefined ? null : keyring.blind(staffTerm(place.staffId)) } };
    }),
  };
}
