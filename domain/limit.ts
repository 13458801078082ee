/**
 * A statutory limit as the law writes it: an amount and a unit (`5个工作日`, `60日`, `1个月`).
 *
 * 《民法典》第二百条：民法所称的期间按照公历年、月、日、小时计算。 "Days" without more are calendar days.
 */
import { z } from 'zod';
import { text, type Text } from './text';

/** The units a limit may be written in. `office-hour` runs only inside the office hours of working days. */
export const LIMIT_UNITS = ['working-day', 'calendar-day', 'month', 'office-hour'] as const;
export type LimitUnit = (typeof LIMIT_UNITS)[number];

/** No statute knows a limit longer than this many units; a larger number is a slip of the keyboard. */
const LARGEST_AMOUNT = 10_000;

export const Limit = z
  .strictObject({ amount: z.int().min(1).max(LARGEST_AMOUNT), unit: z.enum(LIMIT_UNITS) })
  .readonly();
export type Limit = z.infer<typeof Limit>;

/** Thrown when a text is not a limit; the message names the part that is not understood. */
export class BadLimit extends Error {
  override readonly name = 'BadLimit';
  constructor(readonly given: string, readonly reason: string) {
    super(`"${given}" is not a limit: ${reason}`);
  }
}

const WORDS: Readonly<Record<LimitUnit, readonly string[]>> = {
  'working-day': ['working day', 'working days', 'workday', 'workdays', 'business day', 'business days', '工作日', '个工作日'],
  'calendar-day': ['day', 'days', 'calendar day', 'calendar days', '日', '天', '自然日', '个自然日'],
  month: ['month', 'months', 'calendar month', 'calendar months', '个月', '月'],
  'office-hour': ['office hour', 'office hours', 'working hour', 'working hours', '个工作小时', '工作小时', '个办公小时', '办公小时'],
};
const UNIT_OF_WORD = new Map<string, LimitUnit>(
  LIMIT_UNITS.flatMap((unit) => [unit, ...WORDS[unit]].map((word) => [word, unit] as const)),
);

/**
 * `5 working days`, `60 days`, `1 month`, `8 office hours`, `5个工作日`, `60日` → Limit.
 * @throws BadLimit naming the number or the unit that is wrong.
 */
export function parseLimit(value: string): Limit {
  const match = /^\s*([-+]?[\d.]+)\s*(.*?)\s*$/.exec(value);
  if (match === null) throw new BadLimit(value, 'write a number and a unit, for example "5 working days"');
  const [, number = '', word = ''] = match;
  const amount = Number(number);
  if (!/^\d+$/.test(number) || amount < 1) throw new BadLimit(value, `the number "${number}" is not a whole number of 1 or more`);
  if (amount > LARGEST_AMOUNT) throw new BadLimit(value, `the number ${number} is larger than ${LARGEST_AMOUNT}`);
  const unit = UNIT_OF_WORD.get(word.toLowerCase().replace(/\s+/g, ' '));
  if (unit === undefined) {
    throw new BadLimit(value, word === '' ? 'the unit is missing' : `the unit "${word}" is not known (working days, days, months, office hours)`);
  }
  return { amount, unit };
}

const NAMES: Readonly<Record<LimitUnit, { zh: string; one: string; many: string }>> = {
  'working-day': { zh: '个工作日', one: 'working day', many: 'working days' },
  'calendar-day': { zh: '日', one: 'day', many: 'days' },
  month: { zh: '个月', one: 'month', many: 'months' },
  'office-hour': { zh: '个工作小时', one: 'office hour', many: 'office hours' },
};

/** A limit in words, as it stands in a letter: `5个工作日` / `5 working days`. The amount may be a remainder, so 0 is allowed. */
export function limitText(limit: { readonly amount: number; readonly unit: LimitUnit }): Text {
  const name = NAMES[limit.unit];
  const amount = Number.isInteger(limit.amount) ? String(limit.amount) : limit.amount.toFixed(2);
  return text(`${amount}${name.zh}`, `${amount} ${limit.amount === 1 ? name.one : name.many}`);
}
