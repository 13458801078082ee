import type { Logger } from 'pino';
import type { CaseDefinition } from '../domain/case-definition';
import type { OrganTree } from '../domain/organs';
import type { Importer } from '../bulk';
import type { LoadedLaw } from '../policy/load';
import type { Store } from '../store';
import type { Queries } from '../store/queries';
import type { AccessPort, IdentityPort } from './access-port';
import type { Annexes } from './annexes';
import type { DoorLog } from './http/door';
import type { LimitOptions } from './http/gates';
import type { Definitions } from './present/definitions';
import type { CaseGateway } from './temporal/gateway';

/** Everything an API is made of. A new case type changes `definitions` and nothing else. */
export interface AppParts {
  readonly definitions: readonly CaseDefinition[];
  readonly store: Store;
  readonly queries: Queries;
  readonly gateway: CaseGateway;
  readonly identity: IdentityPort;
  readonly access: AccessPort;
  readonly organs: OrganTree;
  /** The law in force and every version a case may be pinned to. */
  readonly law: LoadedLaw;
  /** Documents, letters, webhooks, and where imports are kept. */
  readonly annexes: Annexes;
  /** Where the Temporal UI is, for the histories to be opened there; left out, no page of another origin may ask. */
  readonly temporalUiUrl?: string;
  /** The jurisdiction whose calendar cases run by. */
  readonly jurisdiction: string;
  readonly log: Logger;
  /** Where refusals before sign-in, and for coming too often, are put on record. */
  readonly door: DoorLog;
  readonly limits?: Partial<LimitOptions>;
  /** Addresses and networks of our own reverse proxies, whose `X-Forwarded-For` is believed; left out, none. */
  readonly trustedProxies?: readonly string[];
  /** Checks every reply against the contract before it is sent: on in tests. */
  readonly checkReplies?: boolean;
  /** Blind forms of a staff number, as `namedStaff` of the projection holds them. */
  readonly blindStaff: (staffId: string) => readonly string[];
  /** Milliseconds since the epoch; tests bring their own. */
  readonly now?: () => number;
}

/** What handlers are given. */
export interface Service extends Omit<AppParts, 'definitions' | 'now'> {
  readonly definitions: Definitions;
  readonly importer: Importer;
  readonly now: () => number;
}
