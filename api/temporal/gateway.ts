import {
  WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, WorkflowUpdateFailedError, type Client,
} from '@temporalio/client';
import { ApplicationFailure, WorkflowIdReusePolicy } from '@temporalio/common';
import type { CaseDefinition } from '../../domain/case-definition';
import { messageNames, refusals, type ActionMessage, type AnswerMessage, type CaseStart, type Receipt, type Refusal, type RefusalDetail } from '../../domain/messages';
import { engineAway } from './away';

/** Milliseconds each kind of call may take; nobody at the door waits longer. */
export interface Deadlines {
  readonly startMs: number;
  readonly updateMs: number;
  readonly queryMs: number;
}

export const defaultDeadlines: Deadlines = { startMs: 5_000, updateMs: 10_000, queryMs: 5_000 };

/** A case said no. `type` is one of the refusals of domain/messages.ts. */
export class CaseRefused extends Error {
  override readonly name = 'CaseRefused';
  constructor(readonly refusal: Refusal, message: string, readonly detail: RefusalDetail) {
    super(message);
  }
}

/** No case of this number runs: there never was one, or it is over. */
export class NoRunningCase extends Error {
  override readonly name = 'NoRunningCase';
  constructor(readonly caseNumber: string) {
    super(`no running case ${caseNumber}`);
  }
}

/** What stands in the memo of a case: which request started it. */
export interface StartMemo {
  readonly key: string;
  readonly requestHash: string;
}

/** The cases in Temporal, as the API speaks to them. Every call has a deadline; a server that is away is an `engine-unavailable` problem. */
export class CaseGateway {
  constructor(
    private readonly client: Client,
    private readonly taskQueue: string,
    private readonly deadlines: Deadlines = defaultDeadlines,
  ) {}

  /**
   * Starts a case under its number. False when a workflow of this number exists already.
   * The summary is what managers read in Temporal's lists: never the subject.
   */
  async start(definition: CaseDefinition, start: CaseStart, memo: StartMemo & { readonly requestId: string }): Promise<boolean> {
    try {
      await this.within(this.deadlines.startMs, () => this.client.workflow.start(definition.workflow, {
        workflowId: start.caseNumber, taskQueue: this.taskQueue, args: [start],
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
        memo: { ...memo },
        staticSummary: `${definition.title.zh} ${definition.title.en} ${start.caseNumber}`,
      }));
      return true;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw engineAway(error);
    }
  }

  /** Which request started the case of this number; undefined when Temporal knows none (any more). */
  async findStartMemo(caseNumber: string): Promise<StartMemo | undefined> {
    try {
      const { memo } = await this.within(this.deadlines.queryMs, () => this.client.workflow.getHandle(caseNumber).describe());
      const { key, requestHash } = (memo ?? {}) as Partial<StartMemo>;
      return { key: key ?? '', requestHash: requestHash ?? '' };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw engineAway(error);
    }
  }

  /** Hands an answer to the case. @throws CaseRefused, NoRunningCase, ApiProblem engine-unavailable */
  answer(caseNumber: string, updateId: string, message: AnswerMessage): Promise<Receipt> {
    return this.update(caseNumber, messageNames.answer, updateId, message);
  }

  /** Hands an action to the case. @throws as {@link answer} */
  act(caseNumber: string, updateId: string, message: ActionMessage): Promise<Receipt> {
    return this.update(caseNumber, messageNames.act, updateId, message);
  }

  private async update(caseNumber: string, name: string, updateId: string, message: AnswerMessage | ActionMessage): Promise<Receipt> {
    try {
      return await this.within(this.deadlines.updateMs, () => this.client.workflow.getHandle(caseNumber)
        .executeUpdate<Receipt, [AnswerMessage | ActionMessage]>(name, { updateId, args: [message] }));
    } catch (error) {
      const refused = refusalIn(error);
      if (refused !== undefined) throw refused;
      if (error instanceof WorkflowNotFoundError) throw new NoRunningCase(caseNumber);
      throw engineAway(error);
    }
  }

  /** Whether the server answers. */
  async reachable(timeoutMs = 2_000): Promise<boolean> {
    try {
      await this.within(timeoutMs, () => this.client.workflowService.getSystemInfo({}));
      return true;
    } catch (error) {
      if (engineAway(error).code === 'engine-unavailable') return false;
      throw error;
    }
  }

  private within<T>(ms: number, call: () => Promise<T>): Promise<T> {
    return this.client.connection.withDeadline(Date.now() + ms, call);
  }
}

function refusalIn(error: unknown): CaseRefused | undefined {
  if (!(error instanceof WorkflowUpdateFailedError) || !(error.cause instanceof ApplicationFailure)) return undefined;
  const { type, message, details } = error.cause;
  if (!(refusals as readonly (string | null | undefined)[]).includes(type)) return undefined;
  return new CaseRefused(type as Refusal, message ?? '', (details?.[0] ?? {}));
}
