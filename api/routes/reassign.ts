import type { z } from 'zod';
import type { ActionFields } from '../../domain/case-definition';
import type { CaseView } from '../../domain/case-file';
import type { Officer } from '../identity/directory';
import type { Service } from '../parts';
import { problem } from '../problems';

type Wanted = z.output<(typeof ActionFields)['reassign']>;

/** At most so many are named in a refusal. */
const most = 50;

/**
 * Refuses to give a step to whom it would wait for in vain: nobody of that name, somebody who holds none of the step's roles or sits in another organ than
 * the one named with them, somebody whom the case names (回避), an organ where nobody holds the role. The refusal says who could. Where an identity
 * provider opens the door, who has no account here yet is not doubted.
 * @throws ApiProblem invalid-fields, action-not-allowed
 */
export async function refuseUnfitAssignee(service: { readonly identity: Pick<Service['identity'], 'officers'> }, view: CaseView, wanted: Wanted): Promise<void> {
  const step = view.openSteps.find((each) => each.id === wanted.step);
  // What is not open is the case's to refuse, with what is.
  if (step === undefined) return;
  const { officers } = service.identity;
  const { roles } = step.assignee;
  const named = new Set(view.persons.flatMap((person) => person.staffId ?? []));
  const fits = (officer: Officer): boolean => officer.roles.some((role) => roles.includes(role)) && (officer.staffId === undefined || !named.has(officer.staffId));
  const candidates = async (organ?: string): Promise<Officer[]> => (await officers.withRoles(roles, organ)).filter(fits);

  if (wanted.user === undefined) {
    if (!officers.complete || (await candidates(wanted.organ)).length > 0) return;
    const organs = [...new Set((await candidates()).map((officer) => officer.organ))].slice(0, most);
    throw problem('action-not-allowed', '该机关没有可以办理此环节的人员', `nobody in ${wanted.organ ?? ''} holds the role of this step (${roles.join(', ')})`, { allowed: { step: step.id, roles: [...roles], organs } });
  }
  const officer = await officers.find(wanted.user);
  if (officer === null && !officers.complete) return;
  if (officer !== null && fits(officer) && (wanted.organ === undefined || wanted.organ === officer.organ)) return;
  const allowed = { step: step.id, roles: [...roles], users: (await candidates(wanted.organ ?? step.assignee.organ)).slice(0, most).map((each) => each.id) };
  if (officer === null) {
    throw problem('invalid-fields', '没有这名工作人员', 'a field names an officer who does not exist', { errors: [{ path: 'user', message: `no officer "${wanted.user}"` }], allowed });
  }
  throw problem('action-not-allowed', '该人员不能办理此环节', `"${wanted.user}" cannot take this step: it is for ${roles.join(', ')}${wanted.organ === undefined ? '' : ` of ${wanted.organ}`}, and for nobody the case names`, { allowed });
}
