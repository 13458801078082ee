import type { Actor } from '../../domain/case-definition';
import type { StandIn } from '../../domain/identity';
import type { Caller } from '../access-port';

/** The caller as the case will name them. In the place of somebody they stand in for (AB角) they act with that one's office, and both are on record. */
export function actorFor(caller: Caller, place: StandIn): Actor & { readonly organ: string } {
  return {
    kind: caller.kind, id: caller.id, organ: place.organ, roles: [...place.roles],
    ...(caller.staffId === undefined ? {} : { staffId: caller.staffId }),
    ...(place.id === caller.id ? {} : { onBehalfOf: place.id, ...(place.staffId === undefined ? {} : { onBehalfOfStaffId: place.staffId }) }),
  };
}
