import { z } from 'zod';
import 'zod-openapi';
import { roles } from '../../domain/roles';
import { cursorPattern } from '../../store/queries/cursor';

/** Schemas that several routes share. Responses are strict: what is not in the contract is not sent. */

export const TextDto = z.strictObject({ zh: z.string(), en: z.string() }).meta({ id: 'Text', description: 'in Chinese and English' });
export const Instant = z.iso.datetime().meta({ description: 'an instant, ISO 8601 in UTC', example: '2026-09-25T02:00:00.000Z' });
export const Day = z.iso.date().meta({ description: 'a civil date in the jurisdiction', example: '2026-10-09' });
export const AnyJson = z.unknown().meta({ description: 'any JSON value' });
export const RoleDto = z.enum(roles).meta({ id: 'Role' });

export const caseNumberPattern = /^[A-Z]{2,8}-\d{4}-\d{6,9}$/;
export const CaseNumber = z.string().regex(caseNumberPattern, 'a case number such as TS-2026-000123').meta({ example: 'TS-2026-000123' });
export const CaseNumberParams = z.object({ caseNumber: CaseNumber });

/** Names on the wire: types, steps, organs, users. */
export const Name = z.string().min(1).max(120);

export const idempotencyKeyPattern = /^[\x21-\x7e]{1,200}$/;
export const IdempotencyHeaders = z.object({
  'idempotency-key': z.string().regex(idempotencyKeyPattern, '1 to 200 printable ASCII characters without spaces').optional()
    .meta({ description: 'The same key with the same body is one request, however often it is sent; with another body it is refused.', example: '6f1c2a52-7c0e-4a57-9a41-0d6a0f7e4d11' }),
});
export const MessageHeaders = IdempotencyHeaders.extend({
  'if-match': z.string().max(80).optional().meta({ description: 'The ETag of the case as last read; a newer case is not changed.' }),
});

export const Page = z.object({
  cursor: z.string().regex(cursorPattern, 'not a cursor of this list').optional().meta({ description: '`next` of the page before' }),
  limit: z.coerce.number().int().min(1).max(100).default(25),
});
export const NextCursor = z.string().nullable().meta({ description: 'cursor of the next page; null on the last' });
