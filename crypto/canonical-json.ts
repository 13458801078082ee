/** Thrown when a value has no canonical JSON: a Date, a function, NaN, an undefined array item. `path` says where. */
export class NotCanonical extends Error {
  override readonly name = 'NotCanonical';
  constructor(readonly path: string, what: string) {
    super(`${path === '' ? 'the value' : path} is ${what}, which JSON cannot hold unchanged`);
  }
}

/**
 * One text for one value, whatever the order its members were written in: RFC 8785 (JSON Canonicalization Scheme). Members sorted by UTF-16
 * code units, no white space, numbers as ECMAScript writes them; a member that is undefined does not exist. Hashes of evidence stand on it.
 * @throws NotCanonical
 */
export function canonicalJson(value: unknown): string {
  return write(value, '');
}

function write(value: unknown, path: string): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new NotCanonical(path, String(value));
    return JSON.stringify(value);
  }
  if (typeof value === 'string') {
    // A lone surrogate has no UTF-8 form, so it would hash to what another text hashes to.
    if (/\p{Surrogate}/u.test(value)) throw new NotCanonical(path, 'a text with half a character');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${Array.from(value, (item, index) => write(item, `${path}[${index}]`)).join(',')}]`;
  if (typeof value !== 'object') throw new NotCanonical(path, `a ${typeof value}`);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) throw new NotCanonical(path, `a ${value.constructor.name}`);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${write(key, `${path}.${key}`)}:${write(member, path === '' ? key : `${path}.${key}`)}`);
  return `{${members.join(',')}}`;
}
