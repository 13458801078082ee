/** Which key is still needed, and for what. */
import type { Store } from '../../store';
import { keyCensus, type CensusEntry } from '../../store/key-census';
import { KeyUses, KEY_USE_MARGIN_MS, sealedUntil } from '../../store/key-use';
import type { Execution, Executions } from './executions';
import { databasesOf } from './places';

/** Why a key may not leave the ring yet. */
export type Reason = 'current' | 'stored' | 'sealing' | 'running' | 'kept' | 'temporal-unknown';

export interface KeyStatus {
  readonly keyId: string;
  readonly inRing: boolean;
  readonly sealed: number;
  readonly indexed: number;
  /** The last instant at which it may have sealed, milliseconds; null for the current one. */
  readonly sealedUntil: number | null;
  /** Runs begun while it sealed, or that carry something of it along; null when Temporal was not asked or did not answer. */
  readonly executions: { readonly running: number; readonly closed: number; readonly examples: readonly string[]; /** When Temporal will have forgotten the closed ones. */ readonly keptUntil: number | null } | null;
  /** Empty: it may leave the ring. */
  readonly needed: readonly Reason[];
}

export interface RingStatus {
  readonly current: string;
  readonly collections: readonly CensusEntry[];
  readonly keys: readonly KeyStatus[];
}

interface Tally { running: number; closed: number; lastClosed: number; readonly cases: Set<string> }
const EXAMPLES = 10;

/**
 * The state of every key of the ring, and of keys that something lies under though the ring has them no more.
 * @param executions null when Temporal does not answer: then no key may leave
 */
export async function ringStatus(store: Store, ring: { readonly current: string; readonly ids: readonly string[] }, executions: Executions | null, now: number): Promise<RingStatus> {
  const [collections, uses] = [await keyCensus(await databasesOf(store), ring.ids), await new KeyUses(store.connection.db).findAll()];
  const ids = [...new Set([...ring.ids, ...collections.map((each) => each.keyId)])].sort();
  const until = new Map(ids.filter((id) => id !== ring.current).map((id) => [id, sealedUntil(id, uses, now)]));
  const [tallies, retentionMs] = executions === null ? [null, 0] : [await tally(store, executions, until), await executions.retentionMs()];
  const keys = ids.map((keyId): KeyStatus => {
    const own = collections.filter((each) => each.keyId === keyId);
    const [sealed, indexed] = [own.reduce((sum, each) => sum + each.sealed, 0), own.reduce((sum, each) => sum + each.indexed, 0)];
    const found = tallies?.get(keyId) ?? null;
    const last = until.get(keyId) ?? null;
    const needed: Reason[] = keyId === ring.current ? ['current'] : [
      ...(sealed + indexed > 0 ? ['stored' as const] : []),
      ...((uses.find((use) => use.keyId === keyId)?.lastUsed ?? 0) > now - KEY_USE_MARGIN_MS ? ['sealing' as const] : []),
      ...(found === null ? ['temporal-unknown' as const] : []),
      ...((found?.running ?? 0) > 0 ? ['running' as const] : []),
      ...((found?.closed ?? 0) > 0 ? ['kept' as const] : []),
    ];
    return {
      keyId, inRing: ring.ids.includes(keyId), sealed, indexed, sealedUntil: last, needed,
      executions: found === null ? null : { running: found.running, closed: found.closed, examples: [...found.cases].slice(0, EXAMPLES), keptUntil: found.closed === 0 ? null : found.lastClosed + retentionMs },
    };
  });
  return { current: ring.current, collections, keys };
}

/** The open cases whose run was begun while an old key sealed, or that carry something of one along: reseal asks each to go on in a new run. */
export async function casesUnderOldKeys(store: Store, ring: { readonly current: string; readonly ids: readonly string[] }, executions: Executions, now: number): Promise<ReadonlySet<string>> {
  const uses = await new KeyUses(store.connection.db).findAll();
  const old = ring.ids.filter((id) => id !== ring.current);
  const tallies = await tally(store, executions, new Map(old.map((id) => [id, sealedUntil(id, uses, now)])));
  return new Set([...tallies.values()].flatMap((sum) => [...sum.cases]));
}

/** Runs that each old key is needed for. */
async function tally(store: Store, executions: Executions, until: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, Tally>> {
  const tallies = new Map([...until.keys()].map((keyId) => [keyId, { running: 0, closed: 0, lastClosed: 0, cases: new Set<string>() }]));
  if (until.size === 0) return tallies;
  const count = (execution: Execution): void => {
    for (const [keyId, sum] of tallies) {
      if (execution.startedAt > (until.get(keyId) ?? 0) && !execution.memoKeys.includes(keyId)) continue;
      if (execution.open) sum.running++;
      else sum.closed++;
      sum.lastClosed = Math.max(sum.lastClosed, execution.closedAt ?? 0);
      if (execution.open) sum.cases.add(execution.workflowId);
    }
  };
  const listed = new Set<string>();
  for await (const execution of executions.all()) {
    if (execution.open) listed.add(execution.workflowId);
    count(execution);
  }
  // The list may lag or miss a run; what is open on file is asked of the engine itself before a key is let go.
  if ([...tallies.values()].some((sum) => sum.running === 0)) {
    for await (const { _id } of store.connection.collections.cases.find({ status: 'open' }, { projection: { _id: 1 } })) {
      if (listed.has(_id)) continue;
      const newest = await executions.newest(_id);
      if (newest?.open === true) count(newest);
    }
  }
  return tallies;
}
