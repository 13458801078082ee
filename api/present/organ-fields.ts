import { z } from 'zod';
import type { Json, JsonObject } from '../../domain/json';
import { OrganId } from '../../domain/organs';

/** The pattern by which a field that names an organ is known in a JSON Schema. */
const organPattern = (z.toJSONSchema(OrganId) as JsonObject)['pattern'];

/**
 * The fields of a value that name an organ, by path, wherever the schema puts them. A case that names an organ nobody knows could never go on,
 * so it is refused at the door.
 * @param schema JSON Schema as zod writes it
 */
export function organFields(schema: JsonObject, value: Json): { readonly path: string; readonly organ: string }[] {
  return walk(schema, value, '', (schema['$defs'] ?? {}) as JsonObject);
}

function walk(schema: JsonObject, value: Json, path: string, defs: JsonObject): { path: string; organ: string }[] {
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    const target = defs[reference.split('/').at(-1) ?? ''];
    return target === undefined ? [] : walk(target as JsonObject, value, path, defs);
  }
  if (typeof value === 'string') return schema['pattern'] === organPattern ? [{ path, organ: value }] : inVariants(schema, value, path, defs);
  if (Array.isArray(value)) {
    const items = schema['items'];
    return [...(items === undefined ? [] : value.flatMap((item: Json, index) => walk(items as JsonObject, item, join(path, String(index)), defs))), ...inVariants(schema, value, path, defs)];
  }
  if (typeof value !== 'object' || value === null) return [];
  const properties = (schema['properties'] ?? {}) as JsonObject;
  return [
    ...Object.entries(value as JsonObject).flatMap(([key, item]) => {
      const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
      return property === undefined || item === undefined ? [] : walk(property as JsonObject, item, join(path, key), defs);
    }),
    ...inVariants(schema, value, path, defs),
  ];
}

function inVariants(schema: JsonObject, value: Json, path: string, defs: JsonObject): { path: string; organ: string }[] {
  const variants = [schema['anyOf'], schema['oneOf'], schema['allOf']].flatMap((each) => (Array.isArray(each) ? each as Json[] : []));
  return variants.flatMap((variant) => walk(variant as JsonObject, value, path, defs));
}

/** A copy of a schema in which every field that names an organ lists those there are. */
export function withOrgans(schema: Json, organs: readonly string[]): Json {
  if (Array.isArray(schema)) return schema.map((item: Json) => withOrgans(item, organs));
  if (typeof schema !== 'object' || schema === null) return schema;
  if ((schema as JsonObject)['pattern'] === organPattern) {
    const { pattern: _pattern, maxLength: _maxLength, ...rest } = schema as JsonObject;
    return { ...rest, enum: [...organs] };
  }
  return Object.fromEntries(Object.entries(schema as JsonObject).map(([key, item]): [string, Json | undefined] => [key, item === undefined ? undefined : withOrgans(item, organs)]));
}

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);
