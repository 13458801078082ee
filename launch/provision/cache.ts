import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { withLock } from './lock';
import { cacheDirectory } from './paths';

/**
 * A folder of the cache, whole or absent: `fill` prepares it beside the cache, and a rename puts it in place. Two starts at once fill it once.
 * `key` is the folder's name (thing and version); `proof` the file in it that shows it is there. Gives the folder's path; throws what `fill` throws.
 */
export async function cachedFolder(key: string, proof: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = path.join(cacheDirectory(), key);
  if (isReady(folder, proof)) return folder;
  return withLock(cacheDirectory(), key, async () => {
    // Another start may have filled it while this one waited.
    if (isReady(folder, proof)) return folder;
    const prefix = `${key}@`;
    for (const entry of await readdir(cacheDirectory())) {
      // A killed start left it behind; the lock says that nobody works on it now.
      if (entry.startsWith(prefix)) await rm(path.join(cacheDirectory(), entry), { recursive: true, force: true });
    }
    const work = await mkdtemp(path.join(cacheDirectory(), prefix));
    try {
      const ready = path.join(work, 'ready');
      await mkdir(ready);
      await fill(ready);
      if (!isReady(ready, proof)) throw new Error(`${proof} is missing in what was fetched`);
      await rm(folder, { recursive: true, force: true });
      await rename(ready, folder);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
    return folder;
  });
}

/** The cached folder's path if it is there. */
export function findCached(key: string, proof: string): string | undefined {
  const folder = path.join(cacheDirectory(), key);
  return isReady(folder, proof) ? folder : undefined;
}

function isReady(folder: string, proof: string): boolean {
  return existsSync(path.join(folder, proof));
}
