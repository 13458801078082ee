import { loadLaw } from '../../policy/load';

test('the shipped policy loads', () => {
  const law = loadLaw();
  expect(law.limit('incident.explain', law.current.policyVersion).limit).toEqual({ amount: 1, unit: 'month' });
  const cn = law.calendar('cn', law.current.calendarVersion);
  expect(cn.data.years.map((year) => year.year)).toEqual(Array.from({ length: 23 }, (_, index) => 2004 + index));
  expect(law.calendar('gb-eaw', law.current.calendarVersion).data.years).toHaveLength(9);
});
