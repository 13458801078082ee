/** The policy directory a command reads. */
import { statSync } from 'node:fs';
import { UsageError, type CliIo } from './io';

/**
 * The directory given with a command, or POLICY_DIR; undefined when neither is. A name that is mistyped must not be answered by the product's own law.
 * @throws UsageError when it is no directory
 */
export function policyDirOf(given: string | undefined, { env }: CliIo): string | undefined {
  const dir = given ?? (env['POLICY_DIR'] || undefined);
  if (dir !== undefined && statSync(dir, { throwIfNoEntry: false })?.isDirectory() !== true) throw new UsageError(`${given === undefined ? 'POLICY_DIR: ' : ''}${dir}: there is no such directory`);
  return dir;
}
