import type { Db } from 'mongodb';
import { canonicalJson } from '../crypto/canonical-json';
import { CannotOpen, type Keyring } from '../crypto/keyring';
import type { SealedPlace } from '../store/reseal';
import { ledgerPurpose } from './ledger';

/** The sealed facts of a reference system, with the keyed hash by which equal bodies are recognised. */
export function placeOfLedger(db: Db, keyring: Keyring): SealedPlace {
  return {
    name: `${db.databaseName}.ledger`, collection: db.collection('ledger'), fields: ['body', 'sealed'],
    renew: (document) => Promise.resolve(document as { readonly _id: string; readonly body: string; readonly sealed: string }).then(({ body, sealed }) => {
      if (keyring.isCurrent(sealed) && keyring.isCurrentBlind(body)) return null;
      const plain = keyring.openText(sealed, ledgerPurpose);
      const { entry, place } = JSON.parse(plain) as { readonly entry: unknown; readonly place: unknown };
      const text = canonicalJson({ entry, place });
      // A hash that does not belong to what is sealed beside it must not be made good by making it anew.
      if (!keyring.blindUnderAll(text).includes(body)) throw new CannotOpen('tampered');
      return { guard: { sealed }, set: { sealed: keyring.sealText(plain, ledgerPurpose), body: keyring.blind(text) } };
    }),
  };
}
