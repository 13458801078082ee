import { ApplicationFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { CaseActivities } from '../../activities';
import { RefusedByStore } from '../../worker/refused';

/** A store that fails as it is told to. */
function watched(): { readonly refused: RefusedByStore; readonly allocate: (caseNumber: string, error?: Error) => Promise<unknown> } {
  const refused = new RefusedByStore();
  let failure: Error | undefined;
  const activities = refused.watch({ allocateCaseNumber: () => (failure === undefined ? Promise.resolve('YS-2030-000001') : Promise.reject(failure)) } as unknown as CaseActivities);
  return {
    refused,
    allocate: (caseNumber, error) => {
      failure = error;
      const environment = new MockActivityEnvironment({ workflowExecution: { workflowId: caseNumber, runId: 'run' } });
      return environment.run((request: Parameters<CaseActivities['allocateCaseNumber']>[0]) => activities.allocateCaseNumber(request), { type: 'referral', prefix: 'YS', key: 'k', at: 0 });
    },
  };
}

test('a case is kept from the moment the store is away until it has answered it', async () => {
  const { refused, allocate } = watched();
  await expect(allocate('a', new Error('no server'))).rejects.toThrow('no server');
  await allocate('b');
  expect(refused.list()).toEqual(['a']);
  expect(await allocate('a')).toBe('YS-2030-000001');
  expect(refused.list()).toEqual([]);
});

test('what is refused for good is no absence of the store', async () => {
  const { refused, allocate } = watched();
  await expect(allocate('a', ApplicationFailure.nonRetryable('no such organ', 'UnknownOrgan'))).rejects.toThrow('no such organ');
  expect(refused.list()).toEqual([]);
});
