import { canonicalJson } from '../../crypto/canonical-json';
import { sha256 } from '../../crypto/hash';
import { RowRefused, type CaseStarter } from '../../bulk';
import type { Service } from '../parts';
import { ApiProblem } from '../problems';
import { actorFor } from './actor';
import { admit, start } from './start-case';

/** Under what the accesses and workflows of an import are found in the logs. */
const requestId = 'import';

/** Starts the rows of an import as the API starts any case: same form, same rights, same record. */
export function importStarter(service: Service): CaseStarter {
  return {
    check: (caller, definition, intake) => refusing(async () => { await admit(service, { caller, requestId }, definition, intake); }),
    start: (caller, definition, body, key) => refusing(async () => {
      const { intake, place } = await admit(service, { caller, requestId }, definition, body);
      const request = { key: sha256(key), bodyHash: sha256(canonicalJson(body)), repeated: false };
      return (await start(service, { definition, intake, by: actorFor(caller, place), requestId }, request)).caseNumber;
    }),
  };
}

/** What is the row's own fault refuses the row; what is not stops the import. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApiProblem && error.status < 500) throw new RowRefused(error.extras.errors ?? [{ path: '', message: `${error.code}: ${error.detail.en}` }]);
    throw error;
  }
}
