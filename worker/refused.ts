import { ApplicationFailure, Context } from '@temporalio/activity';
import type { CaseActivities, StoreActivities } from '../activities/contract';

/**
 * Which cases this worker has seen the store refuse. A case left waiting asks again by itself, but ever more seldom, for each question stays in its history:
 * with these numbers it can be told as soon as the store is back.
 */
export class RefusedByStore {
  private readonly cases = new Set<string>();

  list(): readonly string[] { return [...this.cases]; }

  /** It has been told: should it be refused again, it is here again. */
  forget(caseNumber: string): void { this.cases.delete(caseNumber); }

  /** The same activities, watched. */
  watch(activities: CaseActivities): CaseActivities {
    const store: StoreActivities = {
      record: (batch) => this.see(() => activities.record(batch)),
      allocateCaseNumber: (request) => this.see(() => activities.allocateCaseNumber(request)),
      findOrgans: (ids) => this.see(() => activities.findOrgans(ids)),
      findPriorCase: (caseNumber) => this.see(() => activities.findPriorCase(caseNumber)),
    };
    return { ...activities, ...store };
  }

  private async see<T>(work: () => Promise<T>): Promise<T> {
    const caseNumber = Context.current().info.workflowExecution?.workflowId;
    try {
      const result = await work();
      if (caseNumber !== undefined) this.cases.delete(caseNumber);
      return result;
    } catch (error) {
      // What is refused for good is no absence.
      if (caseNumber !== undefined && !(error instanceof ApplicationFailure && error.nonRetryable === true)) this.cases.add(caseNumber);
      throw error;
    }
  }
}
