/** The organ tree of the server's environment: POLICY_DIR's, or with WENZE_DEMO the demonstration's. */
import type { OrganTree } from '../domain/organs';
import { loadOrganTree, NoOrganTree } from '../policy/reference';
import { envOf } from './env';
import { UsageError, type CliIo } from './io';

/** @throws UsageError naming what is missing of the environment, or that there is no tree */
export function organTreeOf(io: CliIo, policyDir: string | undefined): OrganTree {
  try {
    return loadOrganTree({ policyDir, demo: envOf(io, 'WENZE_DEMO').WENZE_DEMO });
  } catch (error) {
    if (error instanceof NoOrganTree) throw new UsageError(error.message);
    throw error;
  }
}
