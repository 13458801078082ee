import { Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

/** A payload as the Temporal UI sends it. */
export interface WirePayload {
  readonly metadata?: Record<string, string>;
  readonly data?: string;
}

/** Every payload in the history of a case as it lies in Temporal, unopened, in the JSON form the UI has it in. */
export async function payloadsOf(address: string, namespace: string, caseNumber: string): Promise<WirePayload[]> {
  const connection = await Connection.connect({ address });
  try {
    const { history } = await connection.workflowService.getWorkflowExecutionHistory({ namespace, execution: { workflowId: caseNumber } });
    const found: WirePayload[] = [];
    collect(temporal.api.history.v1.History.toObject(temporal.api.history.v1.History.fromObject(history ?? {}), { longs: String, enums: String, bytes: String }), found);
    return found;
  } finally {
    await connection.close();
  }
}

function collect(node: unknown, found: WirePayload[]): void {
  if (typeof node !== 'object' || node === null) return;
  const { metadata } = node as { readonly metadata?: unknown };
  if (typeof metadata === 'object' && metadata !== null && 'encoding' in metadata) found.push(node);
  else for (const value of Object.values(node)) collect(value, found);
}

/** The name of a payload's encoding. */
export const encodingOf = ({ metadata }: WirePayload): string => Buffer.from(metadata?.['encoding'] ?? '', 'base64').toString('utf8');

/** What an opened payload says. */
export const textOf = ({ data }: WirePayload): string => Buffer.from(data ?? '', 'base64').toString('utf8');
