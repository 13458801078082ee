/** Reading the JSON files of policy/: where they lie, and messages that name the file and the field. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';

/** Thrown when a policy or calendar file is wrong. Each problem names the file, the field and what is the matter. */
export class BadPolicy extends Error {
  override readonly name = 'BadPolicy';
  constructor(readonly problems: readonly string[]) {
    super(problems.length === 1 ? (problems[0] ?? '') : `${problems.length} problems in the policy:\n- ${problems.join('\n- ')}`);
  }
}

/** The directory of the product's own policy, from the sources as well as from the built code. */
export function ownPolicyDir(): string {
  const found = [__dirname, path.join(__dirname, '..', '..', 'policy')].find((dir) => existsSync(path.join(dir, 'limits')));
  if (found === undefined) throw new BadPolicy([`no policy directory beside ${__dirname}`]);
  return found;
}

/** The JSON files of a directory by name, in order; none where the directory does not exist. */
export function jsonFilesOf(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir).filter((name) => name.endsWith('.json')).sort().map((name) => path.join(dir, name));
}

/** Reads and validates a JSON file. @throws BadPolicy naming the file and each field that is wrong */
export function readJson<S extends z.ZodType>(file: string, schema: S): z.output<S> {
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new BadPolicy([`${shortName(file)}: ${error instanceof Error ? error.message : String(error)}`]);
  }
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  throw new BadPolicy(result.error.issues.map((issue) => `${shortName(file)}: ${fieldOf(issue.path, raw)}: ${issue.message}`));
}

/** `limits/complaint.json`: enough to find the file, without where it lies on this machine. */
export function shortName(file: string): string {
  return path.join(path.basename(path.dirname(file)), path.basename(file));
}

/** `holidays[1].from`: a place in a file, as the file's own fields. */
export function placeOf(place: readonly PropertyKey[]): string {
  return place.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('').replace(/^\./, '');
}

/** `[3].ladder[0].offset` → with the id of the entry where it has one, so that a reader finds the line. */
function fieldOf(place: readonly PropertyKey[], raw: unknown): string {
  const written = placeOf(place);
  const [first] = place;
  const entry: unknown = Array.isArray(raw) && typeof first === 'number' ? raw[first] : undefined;
  const id = typeof entry === 'object' && entry !== null && 'id' in entry ? String(entry.id) : undefined;
  return id === undefined ? written || 'the file' : `${written} (${id})`;
}
