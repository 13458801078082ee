import type { CaseView } from '../domain/case-file';
import type { CalendarSet, LawArchive, PolicySet } from '../domain/clock';
import { UnknownLaw } from '../domain/clock';

/** The versions of the law by which the dates of a case were found: its pin, those of its clocks, and those of recalculations. */
export function lawVersionsOf(view: Pick<CaseView, 'law' | 'clocks'>): { readonly policies: string[]; readonly calendars: string[] } {
  const policies = new Set<string>();
  const calendars = new Set<string>();
  const add = (pin: { readonly policyVersion: string; readonly calendarVersion: string }): void => {
    policies.add(pin.policyVersion);
    calendars.add(pin.calendarVersion);
  };
  if (view.law !== null) add(view.law);
  for (const { spec } of view.clocks) {
    add(spec);
    for (const event of spec.events) if (event.kind === 'recalculation') add(event);
  }
  return { policies: [...policies].sort(), calendars: [...calendars].sort() };
}

/** The sets a case needs, out of everything on file. @throws UnknownLaw when a version is not on file */
export function lawOf(view: Pick<CaseView, 'law' | 'clocks'>, archive: LawArchive): LawArchive {
  const versions = lawVersionsOf(view);
  const pick = <S extends PolicySet | CalendarSet>(what: 'policy version' | 'calendar version', sets: readonly S[], wanted: readonly string[]): S[] => wanted.map((version) => {
    const set = sets.find((each) => each.version === version);
    if (set === undefined) throw new UnknownLaw(what, version, sets.map((each) => each.version));
    return set;
  });
  return { policies: pick('policy version', archive.policies, versions.policies), calendars: pick('calendar version', archive.calendars, versions.calendars) };
}
