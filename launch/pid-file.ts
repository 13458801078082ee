import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { isAlive } from './provision/lock';
import { isFileError } from './provision/paths';

/**
 * Notes of what a start has running, one file per process, so that the next start finds what a killed launcher left behind. A number alone proves nothing:
 * ids are used again, so a process is ended only if its command line is still the one noted.
 */
const Note = z.object({ pid: z.number().int().positive(), command: z.string() });

const fileOf = (folder: string, name: string): string => path.join(folder, `${name}.json`);

/** Notes that process `pid` runs as `name`. */
export function notePid(folder: string, name: string, pid: number): void {
  mkdirSync(folder, { recursive: true });
  const command = commandLine(pid);
  // Already gone: nothing to find later.
  if (command !== undefined) writeFileSync(fileOf(folder, name), JSON.stringify({ pid, command }));
}

/** Forgets the note. */
export function forgetPid(folder: string, name: string): void {
  rmSync(fileOf(folder, name), { force: true });
}

/** The id of the process noted as `name`, if it still runs with the command noted. */
export function notedPid(folder: string, name: string): number | undefined {
  const file = fileOf(folder, name);
  if (!existsSync(file)) return undefined;
  const note = Note.safeParse(parseJson(readFileSync(file, 'utf8')));
  if (!note.success || commandLine(note.data.pid) !== note.data.command) return undefined;
  return note.data.pid;
}

/** Ends every noted process that still runs (SIGTERM, after `graceMs` SIGKILL) and clears the notes. Gives the names of those ended. */
export async function endStale(folder: string, graceMs: number): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((file) => file.endsWith('.json')).map((file) => path.basename(file, '.json'));
  const stale = names.map((name) => ({ name, pid: notedPid(folder, name) })).filter((entry): entry is { name: string; pid: number } => entry.pid !== undefined);
  await Promise.all(stale.map(async ({ pid }) => {
    signal(pid, 'SIGTERM');
    if (!(await ended(pid, graceMs))) {
      signal(pid, 'SIGKILL');
      await ended(pid, 5_000);
    }
  }));
  for (const name of names) forgetPid(folder, name);
  return stale.map(({ name }) => name);
}

/** The command line of a running process, or undefined when there is none. */
function commandLine(pid: number): string | undefined {
  if (!isAlive(pid)) return undefined;
  try {
    if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || undefined;
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch (error) {
    // It ended between the two questions; ps says so with its exit status.
    if (isFileError(error) || (typeof error === 'object' && error !== null && 'status' in error)) return undefined;
    throw error;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!isFileError(error) || error.code !== 'ESRCH') throw error;
  }
}

async function ended(pid: number, limitMs: number): Promise<boolean> {
  const until = Date.now() + limitMs;
  while (commandLine(pid) !== undefined) {
    if (Date.now() > until) return false;
    await delay(50);
  }
  return true;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A note cut short by a crash: it proves nothing, so nothing is ended because of it.
    return undefined;
  }
}
