/** What Temporal still holds that may lie under an old key. Histories cannot be changed; a running case can leave its own for a new one. */
import { randomUUID } from 'node:crypto';
import type { temporal } from '@temporalio/proto';
import { messageNames } from '../../domain/messages';

type Info = temporal.api.workflow.v1.IWorkflowExecutionInfo;
type Payload = temporal.api.common.v1.IPayload;

/** One run of a case. */
export interface Execution {
  readonly workflowId: string;
  readonly open: boolean;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly closedAt: number | null;
  /** Keys of what is carried along beside the history, from run to run, as it was sealed first. */
  readonly memoKeys: readonly string[];
}

/** Temporal, as far as keys are concerned. */
export interface Executions {
  /** Milliseconds a closed run is kept. */
  retentionMs(): Promise<number>;
  /** Every run there is, open or kept. From the visibility store, which may lag. */
  all(): AsyncIterable<Execution>;
  /** The newest run of a case from the engine itself, or null when it knows none. */
  newest(workflowId: string): Promise<Execution | null>;
  /** Asks a case that runs to leave its history for a new one, sealed anew, as soon as nothing of it is in flight. A case that is over is no error. */
  goOn(workflowId: string): Promise<void>;
  close(): Promise<void>;
}

const PAGE = 500;

/** Connects at once. @throws when nobody answers within a few seconds */
export async function connectExecutions(address: string, namespace: string): Promise<Executions> {
  // Loaded here: half of the time that any other command takes would go into it.
  const { Connection } = await import('@temporalio/client');
  const proto = await import('@temporalio/proto');
  const { WORKFLOW_EXECUTION_STATUS_RUNNING: running } = proto.temporal.api.enums.v1.WorkflowExecutionStatus;
  const present = (info: Info): Execution => presented(info, info.status === running);
  const connection = await Connection.connect({ address, connectTimeout: 5_000 });
  const { workflowService } = connection;
  return {
    retentionMs: async () => {
      const { config } = await workflowService.describeNamespace({ namespace });
      return Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) * 1_000;
    },
    async *all() {
      for (let nextPageToken: Uint8Array = new Uint8Array(); ;) {
        const page = await workflowService.listWorkflowExecutions({ namespace, pageSize: PAGE, nextPageToken });
        yield* page.executions.map(present);
        nextPageToken = page.nextPageToken;
        if (nextPageToken.length === 0) return;
      }
    },
    newest: async (workflowId) => {
      try {
        const { workflowExecutionInfo } = await workflowService.describeWorkflowExecution({ namespace, execution: { workflowId } });
        return workflowExecutionInfo == null ? null : present(workflowExecutionInfo);
      } catch (error) {
        if (isNotFound(error)) return null;
        throw error;
      }
    },
    goOn: async (workflowId) => {
      try {
        await workflowService.signalWorkflowExecution({ namespace, workflowExecution: { workflowId }, signalName: messageNames.goOn, identity: 'wenze keys', requestId: randomUUID() });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    },
    close: () => connection.close(),
  };
}

const NOT_FOUND = 5;
const isNotFound = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === NOT_FOUND;

function presented(info: Info, open: boolean): Execution {
  return {
    workflowId: info.execution?.workflowId ?? '', open, startedAt: millis(info.startTime) ?? 0, closedAt: millis(info.closeTime),
    memoKeys: [...new Set(Object.values(info.memo?.fields ?? {}).flatMap(keyOf))],
  };
}

/** The codec names the key beside what it sealed, in the clear. */
function keyOf({ metadata }: Payload): string[] {
  const id = metadata?.['encryption-key-id'];
  return id == null ? [] : [Buffer.from(id).toString('utf8')];
}

const millis = (at: { readonly seconds?: { toString(): string } | null; readonly nanos?: number | null } | null | undefined): number | null =>
  at?.seconds == null ? null : Number(at.seconds.toString()) * 1_000 + Math.floor((at.nanos ?? 0) / 1e6);
