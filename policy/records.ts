/** How long the system's own records are kept, read from records.json of policy/ or of the city's own directory. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { BadPolicy, ownPolicyDir, readJson } from './files';
import { RetentionRule } from './retention-rule';

/** Days the audit is kept at the least: six months, of 31 days at most. */
export const AUDIT_DAYS_AT_LEAST = 186;
/** Days a request is remembered at the least: callers repeat one for as long as an outage lasts. */
export const REQUEST_DAYS_AT_LEAST = 7;

const { basis, article } = RetentionRule.shape;
/** `days` in whole days of 24 hours; null: for ever. */
const RecordRule = z.discriminatedUnion('records', [
  z.strictObject({ records: z.literal('requests'), days: z.int().min(REQUEST_DAYS_AT_LEAST).max(36_500).nullable(), basis, article }),
  z.strictObject({ records: z.literal('audit'), days: z.int().min(AUDIT_DAYS_AT_LEAST).max(36_500).nullable(), basis, article }),
]);
export type RecordRule = z.infer<typeof RecordRule>;

/** Days each kind of record is kept; null: for ever. */
export type RecordTerms = Readonly<Record<RecordRule['records'], number | null>>;

/** Reads the terms; a city's file replaces the product's entry by entry. @throws BadPolicy naming file and field */
export function loadRecordTerms(policyDir?: string): RecordTerms {
  const files = [ownPolicyDir(), ...(policyDir === undefined ? [] : [policyDir])].map((dir) => path.join(dir, 'records.json')).filter((file) => existsSync(file));
  const terms: Partial<Record<RecordRule['records'], number | null>> = {};
  for (const file of files) {
    const rules = readJson(file, RecordRule.array());
    const twice = rules.find((rule, index) => rules.findIndex((other) => other.records === rule.records) !== index);
    if (twice !== undefined) throw new BadPolicy([`records.json: records: "${twice.records}" has two rules`]);
    for (const rule of rules) terms[rule.records] = rule.days;
  }
  const { requests, audit } = terms;
  if (requests === undefined || audit === undefined) throw new BadPolicy(['records.json: records: "requests" and "audit" each need a rule']);
  return { requests, audit };
}
