import type { CaseDefinition } from '../case-definition';
import { complaintCase } from './complaint';
import { disputeCase } from './dispute';
import { incidentReviewCase } from './incident-review';
import { rectificationCase } from './rectification';
import { referralCase } from './referral';

/** Every case type of the product. Routes, forms, OpenAPI, the roles check and the statistics come from this list. */
export const caseDefinitions: readonly CaseDefinition[] = [complaintCase, incidentReviewCase, referralCase, rectificationCase, disputeCase];

/** Thrown when no case type has the name. */
export class UnknownCaseType extends Error {
  override readonly name = 'UnknownCaseType';
  constructor(readonly type: string) {
    super(`no case type "${type}"`);
  }
}

/** The definition of a case type. @throws UnknownCaseType */
export function getCaseDefinition(type: string): CaseDefinition {
  const definition = caseDefinitions.find((each) => each.type === type);
  if (definition === undefined) throw new UnknownCaseType(type);
  return definition;
}
