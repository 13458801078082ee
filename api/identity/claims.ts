import { z } from 'zod';
import type { ClaimMapping } from '../../domain/claim-mapping';
import { RoleSet, type Identity } from '../../domain/identity';
import type { OrganTree } from '../../domain/organs';
import type { Role } from '../../domain/roles';

const defaults = { user: 'sub', name: 'name', roles: 'wenze_roles', organ: 'wenze_organ', staffId: 'wenze_staff_id' } as const;

/** Whom a token speaks of: all that the rules need, or the subject under which a local account is known. */
export type Told = { readonly kind: 'identity'; readonly identity: Identity } | { readonly kind: 'account'; readonly subject: string };

/** Ids of systems, strangers and the operator's shell in the records; a person of that name would be taken for one. Nor is it told apart by signs nobody sees. */
const reserved = /^(system|anonymous):|^(anonymous|operator)$|[\p{Cc}\p{Cf}\p{Cs}]/u;

/**
 * The claims of a token whose signature holds → whom it speaks of. Without roles and organ in the token, a local account is to be found by its subject.
 * Null when they make nobody: a role or organ there is none of, roles that do not go together, roles without an organ.
 */
export function readClaims(claims: Readonly<Record<string, unknown>>, mapping: ClaimMapping, tree: Pick<OrganTree, 'has'>): Told | null {
  const say = (what: keyof typeof defaults): unknown => claimAt(claims, mapping[what] ?? defaults[what]);
  const subject = z.string().min(1).max(200).refine((id) => !reserved.test(id)).safeParse(say('user'));
  if (!subject.success) return null;
  const [roles, organ] = [say('roles'), say('organ')];
  if (roles === undefined && organ === undefined) return { kind: 'account', subject: subject.data };
  const told = z.object({ roles: RoleSet, organ: z.string().refine((id) => tree.has(id)), name: z.string().min(1).max(100).catch(subject.data), staffId: z.string().min(1).max(40).optional() }).safeParse({
    roles: ourWords(roles, mapping.roleOf), organ: mapping.organOf === undefined ? organ : ourWord(organ, mapping.organOf), name: say('name'), staffId: say('staffId'),
  });
  if (!told.success) return null;
  const { staffId, ...rest } = told.data;
  return { kind: 'identity', identity: { id: subject.data, kind: 'user', ...rest, ...(staffId === undefined ? {} : { staffId }) } };
}

function claimAt(claims: unknown, name: string): unknown {
  if (typeof claims !== 'object' || claims === null) return undefined;
  if (Object.hasOwn(claims, name)) return (claims as Readonly<Record<string, unknown>>)[name];
  const dot = name.indexOf('.');
  return dot === -1 ? undefined : claimAt(claimAt(claims, name.slice(0, dot)), name.slice(dot + 1));
}

function ourWords(given: unknown, words: Readonly<Record<string, Role>> | undefined): unknown {
  const list: unknown = typeof given === 'string' ? given.split(/\s+/).filter((word) => word !== '') : given;
  if (words === undefined || !Array.isArray(list)) return list;
  return [...new Set(list.flatMap((word) => ourWord(word, words) ?? []))];
}

const ourWord = <T>(word: unknown, words: Readonly<Record<string, T>>): T | undefined => (typeof word === 'string' && Object.hasOwn(words, word) ? words[word] : undefined);
