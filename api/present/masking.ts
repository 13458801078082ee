import type { Json, JsonObject } from '../../domain/json';

/**
 * Personal data of complainants, hidden from those who need not know it (信访工作条例 第十一条: 不得将信访人的检举、揭发材料以及有关情况透露或者转给被检举、揭发的人员或者单位).
 * Found by its place: whatever lies under a key named `complainant`, in an intake or an event of any case type.
 */
const personalKeys = new Set(['complainant', 'complainants']);

/** 张三丰 → 张**; one character stays, so that an officer tells two files apart. */
export const maskName = (name: string): string => `${[...name][0] ?? ''}${'*'.repeat(Math.min(3, Math.max(1, [...name].length - 1)))}`;
/** 13800138000 → 138****8000; anything shorter than eight digits is hidden whole. */
export const maskNumber = (value: string): string => (value.length < 8 ? '****' : `${value.slice(0, 3)}****${value.slice(-4)}`);

function maskPerson(person: Json): Json {
  if (typeof person === 'string') return maskName(person);
  if (Array.isArray(person)) return person.map(maskPerson);
  if (typeof person !== 'object' || person === null) return person;
  return Object.fromEntries(Object.entries(person as JsonObject).map(([key, value]) => [key, maskField(key, value)]));
}

function maskField(key: string, value: Json | undefined): Json | undefined {
  if (typeof value !== 'string') return value;
  switch (key) {
    case 'name': return maskName(value);
    case 'phone': case 'idNumber': return maskNumber(value);
    default: return '****';
  }
}

/** A copy in which every complainant is masked. */
export function maskComplainants(value: Json): Json {
  if (Array.isArray(value)) return value.map(maskComplainants);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value as JsonObject).map(([key, item]): [string, Json | undefined] => [
    key, item === undefined ? undefined : personalKeys.has(key) ? maskPerson(item) : maskComplainants(item),
  ]));
}
