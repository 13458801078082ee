/** How long closed cases are kept 保管期限, per case type, read from retention.json of policy/ or of the city's own directory. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { BadPolicy, ownPolicyDir, readJson } from './files';
import { RetentionRule } from './retention-rule';
import { versionOf } from './version';

/** All rules at one version; the version is a hash of the content. */
export interface RetentionRules {
  readonly version: string;
  readonly rules: readonly RetentionRule[];
}

const Rules = RetentionRule.array().min(1);

/** Reads the rules; a city's file replaces the product's as a whole. @throws BadPolicy naming file and field */
export function loadRetention(policyDir?: string): RetentionRules {
  const own = policyDir === undefined ? undefined : path.join(policyDir, 'retention.json');
  const rules = readJson(own !== undefined && existsSync(own) ? own : path.join(ownPolicyDir(), 'retention.json'), Rules);
  const twice = rules.find((rule, index) => rules.findIndex((other) => other.caseType === rule.caseType) !== index);
  if (twice !== undefined) throw new BadPolicy([`retention.json: caseType: "${twice.caseType}" has two rules`]);
  if (!rules.some((rule) => rule.caseType === '*')) throw new BadPolicy(['retention.json: caseType: "*" is missing, the rule for every other type']);
  return { version: versionOf(rules), rules };
}

/** The rule of a case type. */
export function retentionRuleOf({ rules }: RetentionRules, caseType: string): RetentionRule {
  const rule = rules.find((each) => each.caseType === caseType) ?? rules.find((each) => each.caseType === '*');
  if (rule === undefined) throw new BadPolicy(['retention.json: caseType: "*" is missing, the rule for every other type']);
  return rule;
}
