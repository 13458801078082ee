import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Organ } from '../domain/organs';

const ShortNames = z.record(z.string(), z.string().regex(/^\p{Script=Han}{1,6}$/u, 'one to six Chinese characters'));
/** Short names of organs 机关代字 by organ id. */
export type ShortNames = Readonly<z.infer<typeof ShortNames>>;

/** `letters.json` of the city's own policy directory; nothing where there is none. @throws ZodError naming the organ whose name is no short name */
export function loadShortNames(policyDir: string | undefined): ShortNames {
  const file = policyDir === undefined ? undefined : path.join(policyDir, 'letters.json');
  return file !== undefined && existsSync(file) ? ShortNames.parse(JSON.parse(readFileSync(file, 'utf8'))) : {};
}

const region = /^(\p{Script=Han}+?)(?:省|市|区|县|旗|镇|乡|街道)/u;
const suffix = /(?:人民政府|办公室|委员会|办事处|中心|局|室|会)$/u;

/**
 * The organ's characters in document numbers: what the city has given it, else the first character of its region and the first of its
 * business (云州市监察局 → 云监). Two organs may come to the same one; they then share one count, and no number is given twice.
 */
export function shortNameOf(organ: Pick<Organ, 'id' | 'title'>, given: ShortNames = {}): string {
  const own = Object.hasOwn(given, organ.id) ? given[organ.id] : undefined;
  if (own !== undefined) return own;
  const title = organ.title.zh;
  const place = region.exec(title);
  const business = title.slice(place?.[0].length ?? 0).replace(suffix, '');
  return `${place?.[1]?.[0] ?? ''}${business === '' ? '政' : business[0] ?? ''}`;
}
