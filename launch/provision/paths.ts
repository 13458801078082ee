import { accessSync, constants, existsSync, statSync } from 'node:fs';
import path from 'node:path';

/** The repository's root, found upwards from this file: sources and compiled files lie at different depths. */
export function repositoryRoot(): string {
  let folder = __dirname;
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error(`no package.json above ${__dirname}`);
    folder = parent;
  }
  return folder;
}

/** Where fetched servers are kept: WENZE_CACHE, else `.cache/` in the repository. Safe to delete; the next start fetches again. */
export function cacheDirectory(): string {
  return path.resolve(process.env['WENZE_CACHE'] || path.join(repositoryRoot(), '.cache'));
}

/** The full path of a program on PATH, or undefined. */
export function findOnPath(program: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    if (folder === '') continue;
    const candidate = path.join(folder, program);
    if (isExecutable(candidate)) return candidate;
  }
  return undefined;
}

/** True for a file this user may run. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch (error) {
    if (isFileError(error)) return false;
    throw error;
  }
}

/** True for an error of the operating system, with its `code`. By its form, not its class: under Jest Node's own errors come from another realm. */
export function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string';
}

/** What an unknown thrown value says. */
export function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}
