import * as bulk from './bulk-routes';
import * as cases from './case-routes';
import * as clocks from './clock-routes';
import { closeCodecSession, decodePayloads, openCodecSession, readCodecLogin } from './codec-routes';
import * as delegations from './delegation-routes';
import * as documents from './document-routes';
import * as evidence from './evidence-routes';
import * as keys from './key-routes';
import * as reference from './reference-routes';
import type { RouteContract } from './route';
import * as users from './user-routes';
import * as webhooks from './webhook-routes';

/** The contract: every route by its id. */
export const contract = { ...cases, ...documents, ...evidence, ...clocks, decodePayloads, openCodecSession, closeCodecSession, readCodecLogin, ...bulk, ...webhooks, ...users, ...keys, ...delegations, ...reference } as const;
export type Contract = typeof contract;
export type RouteId = keyof Contract;

/** The same as a list. */
export const routes: readonly RouteContract[] = Object.values(contract);
export type { RouteContract } from './route';
