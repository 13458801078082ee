import { spawn, type ChildProcess } from 'node:child_process';

const running = new Set<ChildProcess>();
// A fetch that is under way ends with this process.
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Runs a program to its end, up to `limitMs`; gives its stdout, throws with the last line it complained with. */
export async function run(program: string, args: readonly string[], options: { readonly limitMs: number; readonly cwd?: string }): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...(options.cwd === undefined ? {} : { cwd: options.cwd }) });
  running.add(child);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, options.limitMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (late) throw new Error(`${program} took longer than ${Math.round(options.limitMs / 1000)} s`);
    if (code !== 0) throw new Error(`${program} ended with ${code ?? 'a signal'}: ${complaint(err) ?? complaint(out) ?? 'no output'}`);
    return out;
  } finally {
    clearTimeout(timer);
    running.delete(child);
  }
}

/** The most telling line of what a tool wrote: its last error line, else its last line; without colours, cut to a screen's width. */
function complaint(text: string): string | undefined {
  const lines = text.replaceAll(/\u001B\[[\d;]*m/g, '').split('\n').map((line) => line.trim()).filter((line) => line !== '');
  const line = lines.find((candidate) => /^(\[?error|fatal)/i.test(candidate)) ?? lines.at(-1);
  return line?.slice(0, 200);
}
