import { z } from 'zod';
import { DelegationRequest, delegationStates } from '../identity/delegations';
import { text } from '../../domain/text';
import { Day, Instant, Name, NextCursor, Page, RoleDto } from './common';
import { defineRoute } from './route';

const DelegationDto = z.strictObject({
  id: z.string(), principal: z.string().meta({ description: 'A角: who is stood in for' }), deputy: z.string().meta({ description: 'B角: who stands in' }),
  organ: z.string(), roles: z.array(RoleDto).nullable().meta({ description: 'the roles stood in for; null for all that the principal holds' }),
  from: Day, until: Day, reason: z.string(), state: z.enum(delegationStates).meta({ description: '`over` after its last day, `ended` before it by somebody' }),
  createdAt: Instant, createdBy: z.string(), endedAt: Instant.nullable(), endedBy: z.string().nullable(),
}).meta({ id: 'Delegation' });

const example = {
  id: '5d0f4c1e-0c39-4a53-9d0e-1f0a4c0f6f11', principal: 'leader.water', deputy: 'department', organ: 'yz-water', roles: null, from: '2026-10-09', until: '2026-10-16', reason: '外出培训', state: 'upcoming',
  createdAt: '2026-09-25T02:00:00.000Z', createdBy: 'leader.water', endedAt: null, endedBy: null,
} as const;

const whose = 'Officers: those they give or hold; the head of an organ besides: those of its officers; the administrator: all.';

export const createDelegation = defineRoute({
  id: 'createDelegation', method: 'post', path: '/v1/delegations', tag: 'delegations',
  summary: text('设置AB角', 'Have somebody stand in'),
  description: `From the first day to the last, both included, the deputy may do what the principal may, and both names are on record with each act. Within one organ, not in the past, not passed on; recusal of either stops both. ${whose} Nobody puts oneself in the place of another.`,
  auth: { kind: 'action', action: 'delegation.change' }, body: DelegationRequest,
  bodyExample: { principal: 'leader.water', deputy: 'department', from: '2026-10-09', until: '2026-10-16', reason: '外出培训' },
  responses: { 201: { description: 'It is on record.', schema: DelegationDto, example, headers: z.object({ location: z.string() }) } },
  problems: ['delegation-not-allowed', 'delegation-overlaps'],
});

export const listDelegations = defineRoute({
  id: 'listDelegations', method: 'get', path: '/v1/delegations', tag: 'delegations',
  summary: text('AB角列表', 'Who stands in for whom'), description: `Newest first, those that have ended included. ${whose} The auditor: all.`,
  auth: { kind: 'action', action: 'delegation.read' }, query: Page,
  responses: { 200: { description: 'A page.', schema: z.strictObject({ items: z.array(DelegationDto), next: NextCursor }).meta({ id: 'DelegationList' }), example: { items: [example], next: null } } },
  problems: [],
});

export const endDelegation = defineRoute({
  id: 'endDelegation', method: 'post', path: '/v1/delegations/{delegationId}/end', tag: 'delegations',
  summary: text('提前终止AB角', 'End it before its time'), description: `It ends at once and stays on record. ${whose}`,
  auth: { kind: 'action', action: 'delegation.change' }, params: z.object({ delegationId: Name }),
  responses: { 200: { description: 'It has ended.', schema: DelegationDto, example: { ...example, state: 'ended', endedAt: '2026-09-26T01:00:00.000Z', endedBy: 'leader.water' } } },
  problems: ['unknown-delegation', 'delegation-ended'],
});
