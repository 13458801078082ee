/** Settings of the server's environment, as a command reads them. */
import { EnvError, parseEnv, type EnvName } from '../process/env';
import { UsageError, type CliIo } from './io';

/** The named settings. @throws UsageError naming what is missing or wrong */
export function envOf<N extends EnvName>({ env }: CliIo, ...names: readonly N[]) {
  try {
    return parseEnv(env, names);
  } catch (error) {
    if (error instanceof EnvError) throw new UsageError(error.message);
    throw error;
  }
}
