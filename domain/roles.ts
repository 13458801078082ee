import { z } from 'zod';
import { text, type Text } from './text';

/**
 * Who acts in a case. A step names a role and an organ, never a person: persons change posts, duties stay.
 * The three levels of responsibility for a fault are three of these: 承办 handling, 审核 review, 批准 approval.
 */
export const roles = [
  'handler', 'reviewer', 'approver', 'supervisor', 'referrer', 'department',
  'leader', 'personnel', 'auditor', 'administrator', 'complainant',
] as const;

/** One of {@link roles}, refused with the list when it is none of them. */
export const Role = z.enum(roles);
export type Role = z.infer<typeof Role>;

/** What officers and citizens read for a role. */
export const roleTitles = {
  handler: text('承办人', 'Case handler'),
  reviewer: text('审核人', 'Reviewer'),
  approver: text('批准人', 'Approver'),
  supervisor: text('监察机关', 'Supervisory organ'),
  referrer: text('移送机关', 'Referring organ'),
  department: text('部门经办人', 'Department officer'),
  leader: text('机关负责人', 'Head of the organ'),
  personnel: text('人事', 'Personnel'),
  auditor: text('审计(监督)', 'Auditor (oversight)'),
  administrator: text('管理员', 'Administrator'),
  complainant: text('投诉人', 'Complainant'),
} as const satisfies Record<Role, Text>;

/** Whether a text names a role. */
export function isRole(value: string): value is Role {
  return (roles as readonly string[]).includes(value);
}
