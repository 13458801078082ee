import { Readable, Writable } from 'node:stream';
import { main } from '../../cli/main';

/** What a command said, and its exit code. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process. @param stdin what is typed into it */
export async function wenze(args: readonly string[], env: Readonly<Record<string, string>> = {}, stdin = ''): Promise<Said> {
  const said = { out: '', err: '' };
  const into = (stream: 'out' | 'err'): Writable => new Writable({ write: (chunk: Buffer, _encoding, done) => { said[stream] += chunk.toString(); done(); } });
  return { code: await main(args, { stdin: Readable.from(stdin === '' ? [] : [stdin]), stdout: into('out'), stderr: into('err'), env }), ...said };
}
