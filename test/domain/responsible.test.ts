import { eachResponsible, headOf, isAbout, organsAtFault } from '../../domain/cases/responsible';
import type { Finding, Person } from '../../domain/person';

const person = (name: string, organ: string, staffId?: string): Person => ({ name, organ, postLevel: 'civil-servant', ...(staffId === undefined ? {} : { staffId }) });
const finding = (who: Person, fault: string, extra: Partial<Finding> = {}): Finding => ({ level: 'handling', person: who, responsible: true, fault, ...extra });
const [a, b, stranger] = [person('承办员甲', 'yz-water', 'S1'), person('承办员乙', 'yz-transport', 'S2'), person('承办员甲', 'yz-transport')];

test('a person found responsible twice is one, with both faults; the same fault found twice is said once', () => {
  expect(eachResponsible([finding(a, '迟延'), finding(b, '失察'), finding(a, '推诿', { level: 'review' }), finding(a, '迟延')])).toEqual([
    { person: a, faults: '迟延\n推诿' }, { person: b, faults: '失察' },
  ]);
});

test('who is not responsible is none of them', () => {
  expect(eachResponsible([finding(a, '无', { responsible: false })])).toEqual([]);
  expect(organsAtFault([finding(a, '无', { responsible: false })])).toEqual([]);
});

test('two persons of one name in two organs are two, where neither has a staff number', () => {
  const other = person('承办员甲', 'yz-water');
  expect(eachResponsible([finding(stranger, '迟延'), finding(other, '推诿')]).map((each) => each.person.organ)).toEqual(['yz-transport', 'yz-water']);
});

test('the organs at fault are those of the responsible, by cause', () => {
  const findings = [finding(a, '迟延', { cause: 'shirking' }), finding(b, '失察', { cause: 'unclear-duties' }), finding(a, '推诿', { cause: 'unclear-duties' })];
  expect(organsAtFault(findings)).toEqual(['yz-water', 'yz-transport']);
  expect(organsAtFault(findings, 'shirking')).toEqual(['yz-water']);
  expect(organsAtFault(findings, 'unclear-duties')).toEqual(['yz-transport', 'yz-water']);
  expect(organsAtFault(findings, 'rule-or-process')).toEqual([]);
});

test('the office stands for the head where nobody on the staff list holds it', () => {
  expect(headOf('yz-legal', undefined)).toEqual({ name: '机关主要负责人', organ: 'yz-legal', postLevel: 'organ-head' });
});

test('an entry is about a person by staff number where both have one, else by name', () => {
  expect(isAbout({ name: '承办员甲', staffId: 'S1' }, a)).toBe(true);
  expect(isAbout({ name: '承办员甲', staffId: 'S9' }, a)).toBe(false);
  expect(isAbout({ name: '承办员甲' }, a)).toBe(true);
  expect(isAbout({ name: '承办员甲', staffId: 'S1' }, stranger)).toBe(true);
  expect(isAbout({ name: '承办员乙' }, a)).toBe(false);
});
