import { CancellationScope, condition, isCancellation, ParentClosePolicy, patched, startChild, WorkflowIdReusePolicy } from '@temporalio/workflow';
import type { StoreActivities, SystemActivities } from '../../activities/contract';
import type { CaseView, OrganRelations } from '../../domain/case-file';
import { getCaseDefinition } from '../../domain/cases/registry';
import type { Json } from '../../domain/json';
import type { CaseStart } from '../../domain/messages';
import { systemsWith } from './activities';
import type { Journal } from './journal';
import { timer, type Ledger } from './ledger';
import type { Recorder } from './recorder';

/** What a procedure says to another system; the key, the case and the time are added here. */
export type SystemCall<N extends keyof SystemActivities> = Omit<Parameters<SystemActivities[N]>[0], 'key' | 'caseNumber' | 'at' | 'by'>;

/** Numbers tried for a linked case before giving up. */
const maxAttempts = 50;

/** Everything a case asks of others: the organ tree, other cases, the personnel and record systems. Each result is journalled. */
export class Outside {
  private inFlight = 0;
  private nudges = 0;

  constructor(
    private readonly ledger: Ledger, private readonly journal: Journal, private readonly recorder: Recorder, private readonly startedBy: CaseStart['by'],
  ) {}

  private get caseNumber(): string { return this.ledger.view.caseNumber; }

  /** Whether anything is on its way. */
  get busy(): boolean { return this.inFlight > 0; }

  /** Relations of organs in the tree, as they were when asked. */
  organs(ids: readonly string[]): Promise<Readonly<Record<string, OrganRelations>>> {
    return this.recall(`organs:${ids.join()}`, () => this.recorder.lookUp((store) => store.findOrgans(ids)));
  }

  /** Looks up an earlier case on the same matter. */
  priorCase(caseNumber: string): Promise<Awaited<ReturnType<StoreActivities['findPriorCase']>>> {
    return this.recall(`prior:${caseNumber}`, () => this.recorder.lookUp((store) => store.findPriorCase(caseNumber)));
  }

  /**
   * Calls another system under a key that makes a repeat harmless. While it is away the case waits and says so.
   * @param key unique within the case for this system
   */
  call<N extends keyof SystemActivities>(name: N, key: string, entry: SystemCall<N>, summary: string): Promise<{ readonly receipt: string }> {
    const system = name === 'fileForRecord' || name === 'recordCriticism' || name === 'publish' ? 'records' : 'personnel';
    return this.recall(`call:${name}:${key}`, async () => {
      const request = { ...entry, key: `${this.caseNumber}/${name}/${key}${this.journal.courseSuffix}`, caseNumber: this.caseNumber, at: Date.now(), by: this.startedBy } as unknown as never;
      const attempt = (patience: 'brisk' | 'patient'): Promise<{ readonly receipt: string }> => systemsWith(patience, summary)[name](request);
      let waited = false;
      const stillWaiting = (): CaseView['waiting'] => {
        const { waiting } = this.ledger.view;
        const first = waited ? waiting.findIndex((each) => each.system === system) : -1;
        return waiting.filter((_, index) => index !== first);
      };
      const result = await attempt('brisk').catch(async (error: unknown) => {
        if (isCancellation(error)) throw error;
        waited = true;
        this.ledger.enter('system-waiting', { by: timer, facts: { system, for: name } }, { waiting: [...this.ledger.view.waiting, { system, since: Date.now() }] });
        return this.untilTaken(() => attempt('patient'), summary).catch((cancelled: unknown) => {
          // Turned aside, the case waits for this no more; what turned it aside is the event that stands for it.
          this.ledger.view = { ...this.ledger.view, waiting: stillWaiting() };
          throw cancelled;
        });
      });
      this.ledger.enter('system-done', { by: timer, facts: { system, for: name, receipt: result.receipt, afterWaiting: waited } }, { waiting: stillWaiting() });
      return result;
    });
  }

  /**
   * Patience without end: what a system refused for good is tried again after an hour, or when an operator nudges the case. A nudge that
   * comes while an attempt is under way, whose refusal may be older than the repair, counts for the next.
   */
  private async untilTaken<T>(attempt: () => Promise<T>, summary: string): Promise<T> {
    for (;;) {
      const whenTried = this.nudges;
      try {
        return await attempt();
      } catch (error) {
        if (isCancellation(error)) throw error;
        // Not `file.patched`: no procedure depends on it, so a case takes the new course with its next run at the latest.
        const before = patched('2026-11-22-nudge-while-trying') ? whenTried : this.nudges;
        await condition(() => this.nudges > before, '1 hour', { summary: `等待恢复 waiting: ${summary}` });
      }
    }
  }

  /** Refused calls are tried again now. */
  nudge(): void {
    this.nudges++;
  }

  /** Starts a case that outlives this one, linked both ways. Gives its number. */
  startCase(type: string, key: string, intake: Json): Promise<string> {
    return this.recall(`case:${type}:${key}`, async () => {
      const definition = getCaseDefinition(type);
      const by: CaseStart['by'] = { kind: 'system', id: this.caseNumber, organ: this.ledger.view.leadOrgan, roles: [] };
      for (let attempt = 1; ; attempt++) {
        const intakeKey = `${this.caseNumber}/${type}/${key}${this.journal.courseSuffix}/${attempt}`;
        const number = await this.recorder.inTurn((store) => store.allocateCaseNumber({ type, prefix: definition.prefix, key: intakeKey, at: Date.now() }));
        const start: CaseStart = { caseNumber: number, intake, by, origin: { caseNumber: this.caseNumber, type: this.ledger.view.type } };
        try {
          await startChild(definition.workflow, {
            workflowId: number, args: [start], parentClosePolicy: ParentClosePolicy.ABANDON, workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE, memo: { key: intakeKey },
            staticSummary: `${definition.title.zh} ${definition.title.en} ${number}`,
          });
        } catch (error) {
          // The number is taken, by a case running or closed, when the store lost its newest numbers in a crash; the next one is free.
          if (error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError' && attempt < maxAttempts) continue;
          throw error;
        }
        this.ledger.enter('case-linked', { by: timer, facts: { caseNumber: number, type, relation: 'started' } }, { links: [...this.ledger.view.links, { caseNumber: number, type, relation: 'started' }] });
        return number;
      }
    });
  }

  /** Runs beside the procedure; the case does not close before it is done. */
  background(work: () => Promise<unknown>): void {
    this.inFlight++;
    void CancellationScope.nonCancellable(work).finally(() => { this.inFlight--; });
  }

  private async recall<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.inFlight++;
    try {
      return await this.journal.recall(name, work);
    } finally {
      this.inFlight--;
    }
  }
}
