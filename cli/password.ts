/** A password as it comes in: typed unseen at a terminal, twice; or the first line of what is piped in. Never an argument, which everybody on the machine could read. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { ReadStream } from 'node:tty';
import { UsageError, type CliIo } from './io';

/** Reads a new password. @throws UsageError when nothing came, or the two did not agree */
export async function readNewPassword(io: CliIo): Promise<string> {
  const lines = linesOf(io);
  try {
    const first = await lines.next('密码 password: ');
    if (first === '') throw new UsageError('no password came; type one, pipe one in, or let --one-time make one');
    if (lines.atTerminal && await lines.next('再次输入 once more: ') !== first) throw new UsageError('the two passwords are not the same');
    return first;
  } finally {
    lines.close();
  }
}

function linesOf(io: CliIo): { readonly atTerminal: boolean; next(prompt: string): Promise<string>; close(): void } {
  const atTerminal = (io.stdin as Partial<ReadStream>).isTTY === true;
  // With `terminal` readline switches the terminal's own echo off and writes what is typed to its output, which here is nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => { done(); } });
  const reader = createInterface({ input: io.stdin, output: nowhere, terminal: atTerminal });
  const waiting = reader[Symbol.asyncIterator]();
  reader.on('SIGINT', () => { reader.close(); });
  return {
    atTerminal,
    next: async (prompt) => {
      if (atTerminal) io.stderr.write(prompt);
      const line = await waiting.next();
      if (atTerminal) io.stderr.write('\n');
      return line.done === true ? '' : line.value;
    },
    close: () => { reader.close(); },
  };
}
