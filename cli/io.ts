/** What a command may touch of the outside; tests hand in their own. */
import type { Readable, Writable } from 'node:stream';

export interface CliIo {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Thrown by a command for input that is wrong; its message is all the user needs, and the exit code is 1. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Writes a line to stdout, waiting while whoever reads it is slower. */
export async function print(io: CliIo, line: string): Promise<void> {
  if (!io.stdout.write(`${line}\n`)) await new Promise<void>((resolve) => io.stdout.once('drain', resolve));
}
