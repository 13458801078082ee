import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isFileError } from './paths';

/**
 * Runs `work` while holding the named lock in `folder`, so that two starts at once fetch a server once.
 * A lock whose owner no longer runs is taken over. Waits without limit: the owner's own commands have limits.
 */
export async function withLock<T>(folder: string, name: string, work: () => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, `${name}.lock`);
  while (!(await take(file))) {
    await delay(200);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file: string): Promise<boolean> {
  // Written aside and linked, so that a lock is never seen without its owner, not even on a full disk.
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(draft, String(process.pid));
    await link(draft, file);
    return true;
  } catch (error) {
    if (!isFileError(error) || error.code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  const owner = await readFile(file, 'utf8').catch((error: unknown) => {
    // Released between the two calls: the next turn takes it.
    if (isFileError(error) && error.code === 'ENOENT') return undefined;
    throw error;
  });
  // What names no process was cut short by a crash of the machine.
  if (owner !== undefined && !(Number(owner) > 0 && isAlive(Number(owner)))) await rm(file, { force: true });
  return false;
}

/** True while a process with this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it exists and belongs to somebody else.
    return isFileError(error) && error.code === 'EPERM';
  }
}
