import { z } from 'zod';
import type { Json, JsonObject } from '../domain/json';

/** Heading of a column → the field it fills, as a path `complainant.name`; '' leaves the column out. */
export const ColumnMapping = z.record(z.string().min(1).max(200).refine((heading) => !heading.includes('\0'), 'a heading holds no NUL'), z.string().max(200));
export type ColumnMapping = Readonly<z.infer<typeof ColumnMapping>>;

/** Headings that offices use, for fields of these paths; a case type that has no such field does not know them. */
const headings: ColumnMapping = {
  渠道: 'channel', 来源: 'channel', 事由: 'subject', 标题: 'subject', 事实: 'facts', 内容: 'facts', 投诉人: 'complainant.name', 电话: 'complainant.phone', 证件号: 'complainant.idNumber',
  地址: 'complainant.address', 邮箱: 'complainant.email', 匿名: 'complainant.anonymous', 被投诉机关: 'accused.organ', 首问机关: 'receivingOrgan', 典型: 'typical',
  移送机关: 'referringOrgan', 类别: 'category', 发生日期: 'occurredOn',
};

/** Thrown when headings name no field, or two the same. */
export class BadColumns extends Error {
  override readonly name = 'BadColumns';
  constructor(readonly issues: readonly { readonly column: string; readonly message: string }[]) {
    super(issues.map((issue) => `${issue.column}: ${issue.message}`).join('; '));
  }
}

/** Faults of a heading that are told at once; a heading may have some hundred thousand columns. */
const mostIssues = 100;

type Kind = 'text' | 'boolean' | 'number' | 'list';
interface Column { readonly path: readonly string[]; readonly kind: Kind }

/** Reads rows of a table as intakes of one case type. */
export class RowReader {
  private readonly columns: readonly (Column | null)[];

  /** @param schema the case type's intake @throws BadColumns */
  constructor(schema: z.ZodType, heading: readonly string[], mapping: ColumnMapping = {}) {
    const form = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonObject;
    const issues: { column: string; message: string }[] = [];
    const taken = new Set<string>();
    this.columns = heading.map((column) => {
      const path = Object.hasOwn(mapping, column) ? mapping[column] ?? '' : kindAt(form, column) === undefined && Object.hasOwn(headings, column) ? headings[column] ?? '' : column;
      if (path === '') return null;
      const kind = kindAt(form, path);
      if (kind === undefined) issues.push({ column, message: `"${path}" is no field of the intake` });
      else if (taken.has(path)) issues.push({ column, message: `"${path}" is filled by another column already` });
      taken.add(path);
      return kind === undefined ? null : { path: path.split('.'), kind };
    });
    for (const column of Object.keys(mapping)) if (!heading.includes(column)) issues.push({ column, message: 'the table has no such column' });
    if (issues.length > 0) throw new BadColumns(issues.slice(0, mostIssues));
  }

  /** One row as an intake; empty cells are left out, what is not as its field wants it stays text for the contract to refuse. */
  read(row: readonly string[]): Json {
    const intake: Record<string, unknown> = {};
    this.columns.forEach((column, index) => {
      const cell = row[index]?.trim() ?? '';
      if (column !== null && cell !== '') put(intake, column.path, valueOf(cell, column.kind));
    });
    return withArrays(intake) as Json;
  }
}

/** The kind of value a path of the schema takes; undefined when it leads nowhere or to something with parts. */
function kindAt(form: JsonObject, path: string): Kind | undefined {
  const defs = (form['$defs'] ?? {}) as JsonObject;
  let at: readonly JsonObject[] = [form];
  for (const part of path.split('.')) at = at.flatMap((schema) => partsOf(schema, defs)).flatMap((schema) => step(schema, part));
  const kinds = at.flatMap((schema) => partsOf(schema, defs)).map(kindOf);
  return kinds.find((kind) => kind !== undefined);
}

/** A schema and what it stands for: its reference, its variants. */
function partsOf(schema: JsonObject, defs: JsonObject): JsonObject[] {
  const reference = schema['$ref'];
  if (typeof reference === 'string') return partsOf((defs[reference.split('/').at(-1) ?? ''] ?? {}) as JsonObject, defs);
  const variants = [schema['anyOf'], schema['oneOf'], schema['allOf']].flatMap((each) => (Array.isArray(each) ? each as JsonObject[] : []));
  return [schema, ...variants.flatMap((variant) => partsOf(variant, defs))];
}

function step(schema: JsonObject, part: string): JsonObject[] {
  if (/^\d{1,3}$/.test(part)) return schema['items'] === undefined ? [] : [schema['items'] as JsonObject];
  const properties = (schema['properties'] ?? {}) as JsonObject;
  return Object.hasOwn(properties, part) ? [properties[part] as JsonObject] : [];
}

function kindOf(schema: JsonObject): Kind | undefined {
  switch (schema['type']) {
    case 'boolean': return 'boolean';
    case 'number': case 'integer': return 'number';
    case 'string': return 'text';
    case 'array': return (schema['items'] as JsonObject | undefined)?.['type'] === 'string' ? 'list' : undefined;
    case 'object': return undefined;
    default: return Array.isArray(schema['enum']) || schema['const'] !== undefined || Object.keys(schema).every((key) => key === 'description') ? 'text' : undefined;
  }
}

const yes = new Set(['true', '1', 'yes', 'y', '是']);
const no = new Set(['false', '0', 'no', 'n', '否']);

function valueOf(cell: string, kind: Kind): unknown {
  switch (kind) {
    case 'text': return cell;
    case 'boolean': return yes.has(cell.toLowerCase()) ? true : no.has(cell.toLowerCase()) ? false : cell;
    case 'number': return /^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : cell;
    case 'list': return cell.split(/[;；、]/).map((item) => item.trim()).filter((item) => item !== '');
  }
}

function put(target: Record<string, unknown>, [first = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) target[first] = value;
  else put((target[first] ??= {}) as Record<string, unknown>, rest, value);
}

/** Objects whose keys are all numbers were lists. */
function withArrays(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => [key, withArrays(item)]);
  return entries.length > 0 && entries.every(([key]) => /^\d+$/.test(key))
    ? entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, item]) => item)
    : Object.fromEntries(entries);
}
