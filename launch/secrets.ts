import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { isFileError } from './provision/paths';

/** The secrets of a demo system: made once, kept beside the data they open, handed to the processes by environment. */
const Secrets = z.object({ WENZE_KEYRING: z.string(), WENZE_TOKEN_SECRET: z.string(), SYSTEMS_TOKEN: z.string() });
export type Secrets = z.infer<typeof Secrets>;

/**
 * The demo's secrets from `secrets.json` in the data folder (owner-readable only), made on the first start. A variable that is set wins over the file.
 * Throws when the file is not what it was: new keys could not open what the old ones closed.
 */
export function demoSecrets(dataFolder: string, given: Readonly<Record<string, string | undefined>>): Secrets {
  const file = path.join(dataFolder, 'secrets.json');
  if (!existsSync(file)) makeSecrets(file);
  const parsed = Secrets.safeParse(parseJson(readFileSync(file, 'utf8')));
  if (!parsed.success) {
    const missing = parsed.error.issues.map((issue) => issue.path.join('.')).filter((name) => name !== '');
    throw new Error(`${file} is damaged${missing.length === 0 ? '' : ` (${missing.join(', ')})`}: it holds the keys of everything in ${dataFolder}. Restore it from a backup; without it the data cannot be read, and only another WENZE_DATA begins anew.`);
  }
  const secrets = parsed.data;
  for (const name of Object.keys(secrets) as (keyof Secrets)[]) secrets[name] = given[name] || secrets[name];
  return secrets;
}

/** Whole or not at all, and only once, however many processes begin together: written aside, then linked to its name, which fails when the name is there. */
function makeSecrets(file: string): void {
  const key = (): string => randomBytes(32).toString('base64');
  const fresh: Secrets = { WENZE_KEYRING: JSON.stringify({ current: 'k1', keys: { k1: key() } }), WENZE_TOKEN_SECRET: key(), SYSTEMS_TOKEN: randomBytes(24).toString('base64url') };
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, `${JSON.stringify(fresh, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!isFileError(error) || error.code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(draft);
  }
}

/** Undefined where it is none; the parser's own message would quote a part of the keys. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
