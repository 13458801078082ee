/** Questions as JSON lines in, answers as JSON lines out, in order: one line for each, also for one that cannot be answered. */
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Deadline } from '../domain/clock';
import { print, type CliIo } from './io';

/** What is asked, as texts; from the options or from a line. */
export interface Asked {
  readonly from: string;
  readonly limit: string;
  readonly calendar: string;
  readonly before: boolean;
  readonly roll: boolean;
}

/** A question that cannot be answered, with the field that is wrong. */
export interface WrongField { readonly field: keyof Asked; readonly message: string }

const text = z.string({ error: (issue) => (issue.input === undefined ? 'is missing' : 'is not a text') });
const yes = z.boolean({ error: 'is neither true nor false' });
const Line = z.strictObject({ from: text, limit: text, calendar: text.optional(), before: yes.optional(), roll: yes.optional() });

/** Enough to make few writes of many answers. */
const linesPerWrite = 500;

/**
 * Answers every line of stdin on stdout; a line that is wrong is answered by `{"line","field","error"}` and told on stderr as well.
 * `defaults` hold for what a line leaves out. Gives the number of wrong lines. Empty lines are passed over.
 */
export async function answerLines(io: CliIo, defaults: Omit<Asked, 'from' | 'limit'>, answer: (asked: Asked) => Deadline | WrongField): Promise<number> {
  let number = 0;
  let refused = 0;
  let pending: string[] = [];
  for await (const line of createInterface({ input: io.stdin, crlfDelay: Infinity })) {
    number += 1;
    if (line.trim() === '') continue;
    // Editors on Windows begin a file with a mark that is no part of it.
    const found = answerLine(number === 1 ? line.replace(/^\uFEFF/, '') : line, defaults, answer);
    if ('error' in found) {
      refused += 1;
      io.stderr.write(`line ${number}: ${found.field}: ${found.error}\n`);
    }
    pending.push(JSON.stringify('error' in found ? { line: number, ...found } : found));
    if (pending.length < linesPerWrite) continue;
    await print(io, pending.join('\n'));
    pending = [];
  }
  if (pending.length > 0) await print(io, pending.join('\n'));
  return refused;
}

function answerLine(line: string, defaults: Omit<Asked, 'from' | 'limit'>, answer: (asked: Asked) => Deadline | WrongField): object | { field: string; error: string } {
  let raw: unknown;
  try {
    raw = JSON.parse(line);
  } catch (error) {
    return { field: 'the line', error: error instanceof Error ? error.message : String(error) };
  }
  const parsed = Line.safeParse(raw);
  if (!parsed.success) return wrongShape(parsed.error.issues[0]);
  const { from, limit, calendar = defaults.calendar, before = defaults.before, roll = defaults.roll } = parsed.data;
  const found = answer({ from, limit, calendar, before, roll });
  if ('field' in found) return { field: found.field, error: found.message };
  return { from, limit, ...(parsed.data.calendar === undefined ? {} : { calendar }), due: found.due, provisional: found.provisional };
}

function wrongShape(issue: z.core.$ZodIssue | undefined): { field: string; error: string } {
  if (issue?.code === 'unrecognized_keys') return { field: issue.keys[0] ?? 'the line', error: 'is not a field of a question' };
  if (issue === undefined || issue.path.length === 0) return { field: 'the line', error: 'is not an object of the form {"from": …, "limit": …}' };
  return { field: issue.path.join('.'), error: issue.message };
}
