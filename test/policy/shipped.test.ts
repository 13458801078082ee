/** The policy as shipped: complete for every case type, cited, and honest about what no law says. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { kitSteps } from '../../domain/case-definition';
import { caseDefinitions } from '../../domain/cases/registry';
import { jsonFilesOf, ownPolicyDir } from '../../policy/files';
import { loadLaw } from '../../policy/load';

const law = loadLaw();
const limits = law.archive.policies[0]?.limits ?? [];
const each = limits.map((limit) => [limit.id, limit] as const);

test('the shipped policy loads', () => {
  expect(law.limit('incident.explain', law.current.policyVersion).limit).toEqual({ amount: 1, unit: 'month' });
  const cn = law.calendar('cn', law.current.calendarVersion);
  expect(cn.data.years.map((year) => year.year)).toEqual(Array.from({ length: 23 }, (_, index) => 2004 + index));
  expect(law.calendar('gb-eaw', law.current.calendarVersion).data.years).toHaveLength(9);
});

test('every entry of every file is loaded', () => {
  const written = jsonFilesOf(path.join(ownPolicyDir(), 'limits')).flatMap((file) => (JSON.parse(readFileSync(file, 'utf8')) as { id: string }[]).map((entry) => entry.id));
  expect(limits.map((limit) => limit.id)).toEqual([...written].sort());
});

test('every limit a case type names is there, and none is there that no case type names', () => {
  const named = caseDefinitions.flatMap(({ steps, clocks }) => [...Object.values(steps).map((step) => step.limit), ...Object.values(clocks).map((clock) => clock.limit)]);
  const used = new Set([...named, ...Object.values(kitSteps).map((step) => step.limit)].filter((id) => id !== undefined));
  const known = limits.map((limit) => limit.id);
  expect([...used].filter((id) => !known.includes(id))).toEqual([]);
  expect(known.filter((id) => !used.has(id))).toEqual([]);
});

test.each(each)('%s cites its article in Chinese as enacted, or says that it is a default', (_id, { article }) => {
  expect(article.zh).toMatch(/[\u4e00-\u9fff]/);
  const saysDefault = article.zh.includes('系统默认值') && /default/.test(article.en);
  expect(saysDefault).toBe(article.source === 'default');
  if (article.source !== 'default') expect(article.source).toMatch(/第.+条|四\(一\)/);
});

test.each(each)('%s: its ladder has its rungs in order and one at the due day', (_id, { ladder }) => {
  expect(ladder.filter((rung) => rung.offset === 'due')).toHaveLength(1);
  const order = ladder.map((rung) => (rung.offset === 'due' ? 1 : 'before' in rung.offset ? 0 : 2));
  expect(order).toEqual([...order].sort());
});

test.each(each.filter(([, limit]) => limit.extension !== null))('%s: whoever may extend it is bound by a cap or by one time', (_id, { cap, extension }) => {
  expect(cap !== null || extension?.times === 1).toBe(true);
});
