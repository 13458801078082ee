import { Binary, ObjectId, type Db, type Document } from 'mongodb';
import { blindKeyId, sealedKeyId } from '../crypto/keyring';

/** What lies under one key in one collection. */
export interface CensusEntry {
  /** With its database. */
  readonly collection: string;
  readonly keyId: string;
  /** Sealed texts, or files. */
  readonly sealed: number;
  /** Entries of blind indexes. */
  readonly indexed: number;
}

/** Fields that hold blind indexes; elsewhere only what names a key of the ring is taken for one. */
const blindFields = new Set(['terms', 'namedStaff', 'body']);
/** Longest part of a text that is decoded to find whose it is: format, length and 255 bytes of id. */
const HEAD_CHARACTERS = 344;

/**
 * What lies under which key: every value of every document of these databases is looked at, whatever the collection and the field, so that nothing is
 * left behind that resealing was never taught. Opens nothing. `.chunks` are passed over: their file says its key.
 * @param ringIds ids of the keys of the ring; other ids count only where sealed content is expected
 */
export async function keyCensus(databases: readonly Db[], ringIds: readonly string[]): Promise<CensusEntry[]> {
  const counts = new Map<string, CensusEntry>();
  for (const db of databases) {
    for (const { name } of await db.listCollections({}, { nameOnly: true }).toArray()) {
      if (name.endsWith('.chunks') || name.startsWith('system.')) continue;
      const collection = `${db.databaseName}.${name}`;
      const count = (keyId: string, kind: 'sealed' | 'indexed'): void => {
        const key = JSON.stringify([collection, keyId]);
        const before = counts.get(key) ?? { collection, keyId, sealed: 0, indexed: 0 };
        counts.set(key, { ...before, [kind]: before[kind] + 1 });
      };
      for await (const document of db.collection(name).find()) {
        if (name.endsWith('.files')) count(await keyOfFile(db, name, document) ?? '?', 'sealed');
        else walk(document, '', new Set(ringIds), count);
      }
    }
  }
  return [...counts.values()].sort((a, b) => (`${a.collection} ${a.keyId}` < `${b.collection} ${b.keyId}` ? -1 : 1));
}

function walk(value: unknown, field: string, ring: ReadonlySet<string>, count: (keyId: string, kind: 'sealed' | 'indexed') => void): void {
  if (typeof value === 'string') {
    const sealed = keyOfText(value);
    if (sealed !== null && (field.startsWith('sealed') || ring.has(sealed))) count(sealed, 'sealed');
    const indexed = blindKeyId(value);
    if (indexed !== null && (blindFields.has(field) || ring.has(indexed))) count(indexed, 'indexed');
  } else if (value instanceof Binary) {
    const sealed = sealedKeyId(value.buffer.subarray(0, value.position));
    if (sealed !== null && (field.startsWith('sealed') || ring.has(sealed))) count(sealed, 'sealed');
  } else if (Array.isArray(value)) {
    for (const item of value) walk(item, field, ring, count);
  } else if (typeof value === 'object' && value !== null && !(value instanceof Date) && !(value instanceof ObjectId)) {
    for (const [name, member] of Object.entries(value)) walk(member, name, ring, count);
  }
}

/** Only as much is decoded as tells the key; whether the rest is whole is the business of opening it. */
function keyOfText(text: string): string | null {
  // 01, the format, begins every sealed text: `AQ` up to 15 bytes of id, `AR` up to 31 and so on.
  if (!/^A[Q-f][A-Za-z0-9+/]{38}/.test(text)) return null;
  const head = Buffer.from(text.slice(0, HEAD_CHARACTERS), 'base64');
  return sealedKeyId(head);
}

async function keyOfFile(db: Db, files: string, { _id, metadata }: Document): Promise<string | null> {
  const marked = (metadata as { readonly key?: string } | undefined)?.key;
  if (marked !== undefined) return marked;
  const first = await db.collection<{ readonly data: Binary }>(files.replace(/files$/, 'chunks')).findOne({ files_id: _id as ObjectId, n: 0 });
  return first === null ? null : sealedKeyId(first.data.buffer.subarray(4, first.data.position));
}
