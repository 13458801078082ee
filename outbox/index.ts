import type { Db } from 'mongodb';
import type { Keyring } from '../crypto/keyring';
import { AddressGuard } from './address-guard';
import { Dispatcher, type DispatcherOptions } from './dispatcher';
import { OutboxFeed } from './feed';
import { Lease } from './lease';
import { Subscriptions } from './subscriptions';

export interface OutboxOptions extends DispatcherOptions {
  /** Networks that may be called beyond the public internet, such as `10.8.0.0/16`. */
  readonly networks?: readonly string[];
  readonly settleMs?: number;
  readonly leaseMs?: number;
}

/** Everything of the outbox over one database. */
export interface Outbox {
  readonly feed: OutboxFeed;
  readonly subscriptions: Subscriptions;
  /** A dispatcher of this process; it works once started and while it holds the lease. */
  dispatcher(log: ConstructorParameters<typeof Dispatcher>[0]['log']): Dispatcher;
  ensureIndexes(): Promise<void>;
}

/** The outbox: webhooks about what happens on cases. */
export function openOutbox(db: Db, keyring: Keyring, options: OutboxOptions = {}): Outbox {
  const guard = new AddressGuard(options.networks);
  const feed = new OutboxFeed(db, options.settleMs, options.now);
  const subscriptions = new Subscriptions(db, keyring, guard, options.now);
  return {
    feed, subscriptions,
    dispatcher: (log) => new Dispatcher({ feed, subscriptions, guard, lease: new Lease(db, 'outbox', options.leaseMs, options.now), log }, options),
    ensureIndexes: () => feed.ensureIndexes(),
  };
}

export { AddressGuard, RefusedAddress } from './address-guard';
export type { Dispatcher, DispatcherOptions } from './dispatcher';
export { Lease } from './lease';
export { sign, verifySignature } from './signature';
export { NewSubscription, type Subscription } from './subscriptions';
