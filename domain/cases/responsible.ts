import type { OrganRelations } from '../case-file';
import type { OrganId } from '../organs';
import type { FaultCause, Finding, Person } from '../person';

/** What tells persons concerned apart: the staff number, or name and organ where there is none. */
const identityOf = (person: Pick<Person, 'staffId' | 'organ' | 'name'>): string => person.staffId ?? `${person.organ}/${person.name}`;

/** Persons in the order they are first named, each once. */
export function eachOnce(persons: readonly Person[]): readonly Person[] {
  return persons.filter((person, index) => persons.findIndex((other) => identityOf(other) === identityOf(person)) === index);
}

/** Everyone found responsible, each once, with all that was found of them: a person is referred, not a finding (责任倒查、层层追究, S2 四(一)). */
export function eachResponsible(findings: readonly Finding[]): readonly { readonly person: Person; readonly faults: string }[] {
  const responsible = findings.filter((finding) => finding.responsible);
  return eachOnce(responsible.map((finding) => finding.person)).map((person) => ({
    person, faults: [...new Set(responsible.filter((finding) => identityOf(finding.person) === identityOf(person)).map((finding) => finding.fault))].join('\n'),
  }));
}

/** The organs of those responsible, each once; with a cause, of those whose fault has it. What follows a fault meets them, not who found it. */
export function organsAtFault(findings: readonly Finding[], cause?: FaultCause): readonly OrganId[] {
  return [...new Set(findings.filter((finding) => finding.responsible && (cause === undefined || finding.cause === cause)).map((finding) => finding.person.organ))];
}

/** The head of an organ as a person concerned; the office stands for who holds it while nobody is on the staff list. */
export function headOf(organ: OrganId, relations: OrganRelations | undefined): Person {
  return relations?.head ?? { name: '机关主要负责人', organ, postLevel: 'organ-head' };
}

/** Whether an entry made by name and, where known, staff number is about a person. */
export function isAbout(entry: { readonly name: string; readonly staffId?: string | undefined }, person: Person): boolean {
  return entry.staffId !== undefined && person.staffId !== undefined ? entry.staffId === person.staffId : entry.name === person.name;
}
