import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

const { IndexedValueType } = temporal.api.enums.v1;

/** The search attributes that make Temporal's lists readable for a manager: what each workflow of a case carries. None holds personal data. */
export const searchAttributes = {
  /** Case type, e.g. `complaint`. */
  CaseType: 'Keyword',
  /** Stage of the case, the key its definition gives it. */
  Stage: 'Keyword',
  /** Id of the organ that must act now. */
  Organ: 'Keyword',
  /** First moment that is overdue, of the earliest running limit. */
  DueDate: 'Datetime',
  Overdue: 'Bool',
  /** Rungs of the ladder that have acted: 0 none. */
  EscalationLevel: 'Int',
} as const;

const types: Readonly<Record<(typeof searchAttributes)[keyof typeof searchAttributes], number>> = {
  Keyword: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  Datetime: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
  Bool: IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
  Int: IndexedValueType.INDEXED_VALUE_TYPE_INT,
};

/**
 * Registers in `namespace` what is missing of `searchAttributes`, and returns once the server knows all of them. Idempotent; several processes may do it at once.
 * Throws when one exists with another type, or when the server does not show them within 30 s.
 */
export async function registerSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const existing = await listed(connection, namespace);
  const missing: Record<string, number> = {};
  for (const [name, type] of Object.entries(searchAttributes)) {
    const have = existing[name];
    if (have === undefined || have === null) missing[name] = types[type];
    else if (have !== types[type]) throw new Error(`the search attribute ${name} of namespace ${namespace} has another type (${IndexedValueType[have] ?? have}) than ${type}`);
  }
  if (Object.keys(missing).length === 0) return;
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: missing });
  const until = Date.now() + 30_000;
  for (;;) {
    const now = await listed(connection, namespace);
    const absent = Object.keys(searchAttributes).filter((name) => now[name] === undefined);
    if (absent.length === 0) return;
    if (Date.now() > until) throw new Error(`Temporal does not show the search attributes ${absent.join(', ')} of namespace ${namespace}`);
    await delay(100);
  }
}

async function listed(connection: Connection, namespace: string): Promise<Record<string, number | null | undefined>> {
  const answer = await connection.operatorService.listSearchAttributes({ namespace });
  return answer.customAttributes ?? {};
}
