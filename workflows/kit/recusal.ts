import type { CaseView, OrganRelations } from '../../domain/case-file';

/**
 * 回避 (公务员法 76) reaches further than the officer named: those under the head of an organ do not decide on their own head.
 * Each function here finds the organ that decides in place of one whose head the case names.
 */
type Asks = { readonly view: CaseView; organs(...ids: string[]): Promise<Readonly<Record<string, OrganRelations>>> };

/** Whether the case names the head of an organ as a person concerned; told by post level, so that a head not on the staff list counts too. */
export function headIsNamed(view: Pick<CaseView, 'persons'>, organ: string): boolean {
  return view.persons.some((person) => person.organ === organ && person.postLevel === 'organ-head');
}

/** The first of several organs whose head the case does not name. */
export function nearestImpartial(view: Pick<CaseView, 'persons'>, organs: readonly string[]): string | undefined {
  return organs.find((organ) => !headIsNamed(view, organ));
}

/** The organ itself, or the nearest above it whose head the case does not name; at the top of the tree the organ itself, where another must answer. */
export async function whoDecides(file: Asks, organ: string): Promise<string> {
  if (!headIsNamed(file.view, organ)) return organ;
  return nearestImpartial(file.view, (await file.organs(organ))[organ]?.superiors ?? []) ?? organ;
}

/** A supervisory organ, or the one over it while the case names a head of its own. */
export async function whoSupervises(file: Asks, supervisory: string): Promise<string> {
  let organ = supervisory;
  while (headIsNamed(file.view, organ)) {
    const above = (await file.organs(organ))[organ]?.supervisory ?? organ;
    if (above === organ) return organ;
    organ = above;
  }
  return organ;
}
