/** The command `wenze`. One file per command in commands/; each registers itself on the program and throws {@link UsageError} for wrong input. */
import { Command, CommanderError } from 'commander';
import { BadPolicy } from '../policy/files';
import { registerCalendar } from './commands/calendar';
import { registerDeadline } from './commands/deadline';
import { registerEngine } from './commands/engine';
import { registerExport } from './commands/export';
import { registerKey } from './commands/key';
import { registerKeys } from './commands/keys';
import { registerPolicy } from './commands/policy';
import { registerRetention } from './commands/retention';
import { registerRoot } from './commands/root';
import { registerUser } from './commands/user';
import { registerVerify } from './commands/verify';
import { UsageError, type CliIo } from './io';

/** One line per command. */
const commands: readonly ((program: Command, io: CliIo) => void)[] = [
  registerDeadline,
  registerCalendar,
  registerPolicy,
  registerExport,
  registerVerify,
  registerRoot,
  registerRetention,
  registerKeys,
  registerEngine,
  registerUser,
  registerKey,
];

/** Runs a command line (without node and script). Resolves with the exit code: 0 done, 1 refused. @throws what no command foresaw */
export async function main(args: readonly string[], io: CliIo): Promise<number> {
  const program = new Command('wenze').description('问责 · government accountability cases').exitOverride();
  program.configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) });
  for (const register of commands) register(program, io);
  for (const command of program.commands) inherit(command, program);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (!(error instanceof UsageError) && !(error instanceof BadPolicy)) throw error;
    io.stderr.write(`wenze: ${error.message}\n`);
    return 1;
  }
}

function inherit(command: Command, from: Command): void {
  command.copyInheritedSettings(from);
  for (const sub of command.commands) inherit(sub, command);
}
