import type { Keyring } from '../../crypto/keyring';
import { AccessRules } from '../../domain/access';
import type { CaseDefinition } from '../../domain/case-definition';
import type { OrganTree } from '../../domain/organs';
import { staffTerm } from '../../store/case-store';
import type { AccessPort } from '../access-port';

export { staffTerm };

/** The rules of domain/access.ts for these case types and this city, with staff ids found by their blind index under every key of the ring. */
export function createAccess(parts: { readonly definitions: readonly CaseDefinition[]; readonly tree: OrganTree; readonly keyring: Keyring }): AccessPort & AccessRules {
  const byType = new Map(parts.definitions.map((definition) => [definition.type, definition]));
  return new AccessRules({
    tree: parts.tree,
    definitionOf: (caseType) => byType.get(caseType),
    staffMarks: (staffId) => parts.keyring.blindUnderAll(staffTerm(staffId)),
  });
}
