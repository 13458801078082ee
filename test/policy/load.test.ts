/** The law as data: what a wrong file is told, what a city may replace, and what a version is. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { lawFromVersions, UnknownLaw } from '../../domain/clock';
import { civilDate } from '../../domain/civil-date';
import { BadPolicy } from '../../policy/files';
import { loadLaw } from '../../policy/load';
import { policySet, tamperedVersions, versionOf } from '../../policy/version';

const shipped = loadLaw();
let city: string;
beforeEach(() => { city = mkdtempSync(path.join(tmpdir(), 'wenze-policy-')); });
afterEach(() => rmSync(city, { recursive: true }));

/** Writes a file of the city's directory: `limits/own.json`. */
function put(file: string, content: unknown): void {
  mkdirSync(path.dirname(path.join(city, file)), { recursive: true });
  writeFileSync(path.join(city, file), typeof content === 'string' ? content : JSON.stringify(content));
}
const load = () => loadLaw({ policyDir: city });

const handle = {
  id: 'complaint.handle', title: { zh: '办理期限', en: 'handling' }, limit: { amount: 45, unit: 'calendar-day' }, trigger: { zh: '受理', en: 'acceptance' },
  article: { zh: '市投诉办法第十条', en: 'article 10 of the city’s measures', source: '市投诉办法' }, validFrom: '2020-01-01',
};

/** The problems a directory is refused for. */
function refusal(): readonly string[] {
  try {
    load();
  } catch (error) {
    if (error instanceof BadPolicy) return error.problems;
    throw error;
  }
  return [];
}

describe('a wrong entry is refused with file and field', () => {
  const rung = { key: 'reminder', offset: 'due', effect: 'notice', notify: ['assignee'], title: { zh: '提醒', en: 'reminder' } };
  test.each([
    ['an unknown unit', { limit: { amount: 5, unit: 'fortnight' } }, /^limits\/own\.json: \[0\]\.limit\.unit \(complaint\.handle\): /],
    ['a negative amount', { limit: { amount: -5, unit: 'month' } }, /^limits\/own\.json: \[0\]\.limit\.amount \(complaint\.handle\): /],
    ['an amount of nothing', { limit: { amount: 0, unit: 'month' } }, /^limits\/own\.json: \[0\]\.limit\.amount \(complaint\.handle\): /],
    ['half a day', { limit: { amount: 1.5, unit: 'working-day' } }, /^limits\/own\.json: \[0\]\.limit\.amount \(complaint\.handle\): /],
    ['a date that is not one', { validFrom: '2026-02-30' }, /^limits\/own\.json: \[0\]\.validFrom \(complaint\.handle\): "2026-02-30" is not a date/],
    ['a misspelt field', { caps: null }, /^limits\/own\.json: \[0\] \(complaint\.handle\): .*caps/],
    ['a title in one language', { title: { zh: '办理期限' } }, /^limits\/own\.json: \[0\]\.title\.en \(complaint\.handle\): /],
    ['an article without a source', { article: { zh: '条', en: 'article' } }, /^limits\/own\.json: \[0\]\.article\.source \(complaint\.handle\): /],
    ['an id that is not one', { id: 'Handle' }, /^limits\/own\.json: \[0\]\.id \(Handle\): /],
    ['an unknown role of approval', { extension: { max: { amount: 1, unit: 'month' }, times: 1, approverRole: 'king' } }, /^limits\/own\.json: \[0\]\.extension\.approverRole \(complaint\.handle\): /],
    ['an unknown effect of a rung', { ladder: [{ ...rung, effect: 'exile' }] }, /^limits\/own\.json: \[0\]\.ladder\[0\]\.effect \(complaint\.handle\): /],
    ['an offset of no known form', { ladder: [{ ...rung, offset: { during: { amount: 1, unit: 'month' } } }] }, /^limits\/own\.json: \[0\]\.ladder\[0\]\.offset \(complaint\.handle\): /],
    ['a ladder that is not one', { ladder: 'steep' }, /^limits\/own\.json: \[0\]\.ladder \(complaint\.handle\): /],
    ['a rung twice', { ladder: [rung, rung] }, /^limits\/own\.json: complaint\.handle\.ladder: "reminder" stands there twice$/],
    ['validity that ends before it begins', { validTo: '2019-12-31' }, /^limits\/own\.json: complaint\.handle\.validTo: 2019-12-31 is before validFrom 2020-01-01$/],
  ])('%s', (_name, wrong, message) => {
    put('limits/own.json', [{ ...handle, ...wrong }]);
    expect(refusal()).toEqual([expect.stringMatching(message)]);
  });

  test('every problem of a file at once, not the first only', () => {
    put('limits/own.json', [{ ...handle, limit: { amount: -1, unit: 'year' } }, { ...handle, validFrom: 'soon' }]);
    expect(refusal()).toHaveLength(3);
  });
  test('two entries valid at once, even in two files', () => {
    put('limits/a.json', [handle]);
    put('limits/b.json', [{ ...handle, validFrom: '2021-01-01' }]);
    expect(refusal()).toEqual(['limits/b.json: complaint.handle.validFrom: valid at once with the entry from 2020-01-01 in limits/a.json']);
  });
  test('two entries that share one day', () => {
    put('limits/a.json', [{ ...handle, validTo: '2021-01-01' }, { ...handle, validFrom: '2021-01-01' }]);
    expect(refusal()).toHaveLength(1);
  });
  test('a gap of a year between two entries, whichever stands first', () => {
    put('limits/a.json', [{ ...handle, validFrom: '2022-01-01' }, { ...handle, validTo: '2020-12-31' }]);
    expect(refusal()).toEqual(['limits/a.json: complaint.handle.validFrom: no entry is valid from 2021-01-01 to 2021-12-31']);
  });
  test('a cap shorter than the limit itself', () => {
    put('limits/own.json', [{ ...handle, cap: { amount: 44, unit: 'calendar-day' } }]);
    expect(refusal()).toEqual(['limits/own.json: complaint.handle.cap: 44 is shorter than the limit itself, 45']);
    put('limits/own.json', [{ ...handle, cap: { amount: 45, unit: 'calendar-day' } }]);
    expect(refusal()).toEqual([]);
  });
  test('a rung at a day that is none', () => {
    put('limits/own.json', [{ ...handle, ladder: [{ ...rung, offset: { before: { amount: 1, unit: 'day' } } }] }]);
    expect(refusal()).toEqual(['limits/own.json: [0].ladder[0].offset (complaint.handle): is neither "due" nor {"before": limit} nor {"after": limit}']);
  });
  test('what is not JSON', () => {
    put('limits/own.json', '[{');
    expect(refusal()).toEqual([expect.stringMatching(/^limits\/own\.json: /)]);
  });
  test('what is not a list', () => {
    put('limits/own.json', handle);
    expect(refusal()).toEqual([expect.stringMatching(/^limits\/own\.json: the file: /)]);
  });
});

describe('a wrong calendar is refused with file and place', () => {
  const year = { jurisdiction: 'cn', year: 2027, notices: [{ number: '试〔2026〕1号', issued: '2026-11-01', source: 'https://example.org' }] };
  test('a year that overlaps itself', () => {
    put('calendars/cn-2027.json', { ...year, holidays: [{ name: 'new-year', from: '2027-01-01', to: '2027-01-03' }, { name: 'spring-festival', from: '2027-01-03', to: '2027-01-04' }] });
    expect(refusal()).toEqual(['calendars/cn-2027.json: holidays[1]: 2027-01-03 is given twice: holiday new-year of 2027 and holiday spring-festival of 2027']);
  });
  test('a year with a day that does not exist, and no notice', () => {
    put('calendars/cn-2027.json', { ...year, notices: [], holidays: [{ name: 'new-year', from: '2027-02-30', to: '2027-01-03' }] });
    expect(refusal()).toEqual([
      expect.stringMatching(/^calendars\/cn-2027\.json: notices: /),
      'calendars/cn-2027.json: holidays[0].from: "2027-02-30" is not a date of the form YYYY-MM-DD that exists',
    ]);
  });
  test('a whole calendar with a day that does not exist', () => {
    const cn = shipped.calendar('cn', shipped.current.calendarVersion).data;
    put('calendars/cn.json', { ...cn, years: [{ ...cn.years[0], holidays: [{ name: 'new-year', from: '2004-13-01', to: '2004-01-01' }] }] });
    expect(refusal()).toEqual(['calendars/cn.json: years[0].holidays[0].from: "2004-13-01" is not a date of the form YYYY-MM-DD that exists']);
  });
  test('a year that leaves a gap', () => {
    put('calendars/cn-2029.json', { ...year, year: 2029, holidays: [] });
    expect(refusal()).toEqual(['calendars/cn-2029.json: year: 2029 does not follow 2026: years stand in order without a gap']);
  });
  test('a corrected year that takes a day of the next is told by the year of the calendar', () => {
    put('calendars/cn-2025.json', { ...year, year: 2025, holidays: [{ name: 'new-year', from: '2026-01-01', to: '2026-01-01' }] });
    expect(refusal()).toEqual(['calendars/cn-2025.json: cn.years[22].holidays[0]: 2026-01-01 is given twice: holiday new-year of 2025 and holiday new-year of 2026']);
  });
  test('a year of a jurisdiction that has no calendar', () => {
    put('calendars/at-2027.json', { ...year, jurisdiction: 'at', holidays: [] });
    expect(refusal()).toEqual(['calendars/at-2027.json: jurisdiction: "at" has no calendar (known: cn, gb-eaw)']);
  });
  test('a file that is neither a calendar nor a year', () => {
    put('calendars/cn-2027.json', { jurisdiction: 'cn' });
    expect(refusal()).toEqual(['calendars/cn-2027.json: the file: is neither a whole calendar (with "years") nor a single published year (with "year")']);
  });
  test('a published year is added, changes the version of the calendars, and leaves the limits theirs', () => {
    put('calendars/cn-2027.json', { ...year, holidays: [{ name: 'new-year', from: '2027-01-01', to: '2027-01-03' }] });
    const law = load();
    expect(law.calendar('cn', law.current.calendarVersion).data.years.at(-1)?.year).toBe(2027);
    expect(law.current.calendarVersion).not.toBe(shipped.current.calendarVersion);
    expect(law.current.policyVersion).toBe(shipped.current.policyVersion);
  });
});

describe('a city overrides entries with its own directory', () => {
  test('an entry of the same id replaces the product’s, all others stay', () => {
    put('limits/own.json', [handle]);
    const law = load();
    expect(law.limit('complaint.handle', law.current.policyVersion)).toMatchObject({ limit: { amount: 45, unit: 'calendar-day' }, cap: null });
    expect(law.limit('incident.explain', law.current.policyVersion)).toEqual(shipped.limit('incident.explain', shipped.current.policyVersion));
    expect(law.archive.policies[0]?.limits).toHaveLength(shipped.archive.policies[0]?.limits.length ?? 0);
  });
  test('an entry of its own is added', () => {
    put('limits/own.json', [{ ...handle, id: 'city.inspect' }]);
    const law = load();
    expect(law.limit('city.inspect', law.current.policyVersion).limit.amount).toBe(45);
  });
  test('of an entry that changed over time the one valid on the day counts', () => {
    put('limits/own.json', [{ ...handle, validTo: '2023-12-31' }, { ...handle, limit: { amount: 30, unit: 'calendar-day' }, validFrom: '2024-01-01' }]);
    const law = load();
    const amountOn = (date: string) => law.limit('complaint.handle', law.current.policyVersion, civilDate(date)).limit.amount;
    expect(['2023-12-31', '2024-01-01'].map(amountOn)).toEqual([45, 30]);
  });
  test('an empty directory changes nothing', () => expect(load().current).toEqual(shipped.current));
});

describe('the version is the hash of the content', () => {
  test('the same content has the same version, in whatever order and file it stands', () => {
    const limits = shipped.archive.policies[0]?.limits ?? [];
    expect(policySet([...limits].reverse()).version).toBe(shipped.current.policyVersion);
    expect(loadLaw().current).toEqual(shipped.current);
  });
  test('one number changed, another version', () => {
    put('limits/own.json', [handle]);
    const before = load().current;
    put('limits/own.json', [{ ...handle, limit: { amount: 46, unit: 'calendar-day' } }]);
    expect(load().current.policyVersion).not.toBe(before.policyVersion);
    expect(load().current.calendarVersion).toBe(before.calendarVersion);
  });
  test('a version does not depend on the order of fields', () => expect(versionOf({ a: 1, b: [2] })).toBe(versionOf({ b: [2], a: 1 })));
  test('content that was tampered with no longer has its version', () => {
    expect(tamperedVersions(shipped.archive)).toEqual([]);
    const [set] = shipped.archive.policies;
    const [first, ...rest] = set?.limits ?? [];
    if (set === undefined || first === undefined) throw new Error('no policy');
    const forged = { ...shipped.archive, policies: [{ ...set, limits: [{ ...first, limit: { amount: 999, unit: 'month' as const } }, ...rest] }] };
    expect(tamperedVersions(forged)).toEqual([`policy ${set.version}`]);
  });
  test('an older version stays readable for the cases pinned to it', () => {
    put('limits/own.json', [handle]);
    const law = loadLaw({ policyDir: city, history: shipped.archive });
    expect(law.limit('complaint.handle', shipped.current.policyVersion).limit.amount).toBe(60);
    expect(law.limit('complaint.handle', law.current.policyVersion).limit.amount).toBe(45);
  });
});

test('what is not on file is named, with what is', () => {
  expect(() => shipped.limit('complaint.handle', 'never')).toThrow(UnknownLaw);
  expect(() => shipped.limit('complaint.handle', 'never')).toThrow(`policy version "never" is not on file (known: ${shipped.current.policyVersion})`);
  expect(() => shipped.limit('complaint.wish', shipped.current.policyVersion)).toThrow('limit "complaint.wish" is not on file');
  expect(() => shipped.calendar('xx', shipped.current.calendarVersion)).toThrow('jurisdiction "xx" is not on file (known: cn, gb-eaw)');
  expect(() => lawFromVersions({ policies: [], calendars: [] }, shipped.current).calendar('cn', 'v')).toThrow('calendar version "v" is not on file (known: none)');
});
