import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '../../launch/provision/paths';

/**
 * Whoever seals or blindly indexes something new must teach `wenze keys reseal` to seal it anew, or an old key never leaves the ring: the place goes
 * into cli/keys/places.ts and its story into test/cli/keys.test.ts, then its file into this list.
 */
const taught = [
  'api/identity/delegations.ts', 'crypto/terms.ts', 'documents/document-store.ts', 'documents/sealed-files.ts', 'outbox/subscriptions.ts', 'store/case-store.ts', 'store/reseal.ts', 'store/retention.ts',
  'store/seals.ts', 'systems/ledger.ts', 'systems/reseal.ts',
  // Lies in Temporal, which keeps it as it is; status counts it.
  'temporal/codec.ts',
  // In a browser, for hours; under a key that has left nobody is signed in.
  'api/codec/cookie.ts',
  // A mark of one day that is never looked for again: part of the audit's chain, and without the key's id.
  'api/http/audit.ts',
];
const rooms = ['activities', 'api', 'bulk', 'cli', 'crypto', 'documents', 'evidence', 'letters', 'outbox', 'process', 'store', 'systems', 'temporal', 'worker'];

test('every file that seals is known to resealing', () => {
  const files = rooms.flatMap((room) => readdirSync(path.join(repositoryRoot(), room), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).map((file) => path.posix.join(room, file)));
  const sealing = files.filter((file) => file !== 'crypto/keyring.ts' && /[kK]eyring\.(seal|sealText|sealJson|blind)\(|blindTerms\(/.test(readFileSync(path.join(repositoryRoot(), file), 'utf8')));
  expect(sealing.sort()).toEqual([...taught].sort());
});
