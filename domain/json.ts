/** What survives a trip through JSON unchanged; every fact on file is of this shape. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };
export type JsonObject = { readonly [key: string]: Json | undefined };

/** Where a value has half a character (a surrogate without its other half), which no record can hold: the path of the first, or undefined. */
export function halfCharacterIn(value: Json | undefined, path = ''): string | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? undefined : path;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, item] of Object.entries(value) as readonly (readonly [string, Json | undefined])[]) {
    const inside = path === '' ? key : `${path}.${key}`;
    const found = key.isWellFormed() ? halfCharacterIn(item, inside) : path;
    if (found !== undefined) return found;
  }
  return undefined;
}
