import { endOrphans } from './server-folders';

/** Jest's global setup: the workers of this run share one folder, and what killed runs left is ended. */
export default async (): Promise<void> => {
  process.env['WENZE_TEST_RUN'] = String(process.pid);
  await endOrphans();
};
