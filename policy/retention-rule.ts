import { z } from 'zod';

/** A rule of retention as data: how long closed cases of a type are kept before their confidential part is destroyed. */
export const RetentionRule = z.strictObject({
  /** A case type, or `*` for every other one. */
  caseType: z.string().min(1),
  /** Whole years, counted from 1 January after closure; null: kept for ever 永久. */
  years: z.int().min(1).max(200).nullable(),
  /** Whether the article itself sets the years, or the product within what the article allows. */
  basis: z.enum(['article', 'default']),
  article: z.strictObject({ zh: z.string().min(1), en: z.string().min(1), source: z.string().min(1) }),
});
export type RetentionRule = z.infer<typeof RetentionRule>;
