import { endOrphans } from './server-folders';

/** Jest's global teardown: no server outlives the run. */
export default (): Promise<void> => endOrphans(true);
