import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { temporal } from '@temporalio/proto';
import { DefaultLogger, Runtime, Worker, type WorkflowBundlePath } from '@temporalio/worker';
import { caseDefinitions } from '../../domain/cases/registry';
import { failureConverterPath } from '../../temporal/codec';
import { readHistory } from '../histories/open-history';
import { bundleOnce } from '../support/bundle';

const folder = path.join(__dirname, '../histories');
const names = readdirSync(folder).filter((name) => name.endsWith('.json')).sort();
const read = (name: string): temporal.api.history.v1.IHistory => readHistory(readFileSync(path.join(folder, name), 'utf8'));
const typeOf = (name: string): string => read(name).events?.[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name ?? '';

let bundle: WorkflowBundlePath;
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  bundle = await bundleOnce();
}, 120_000);

/** A fresh worker each time: nothing is cached, every event is replayed by the code as it is now. */
const replay = (name: string, history = read(name)): Promise<void> =>
  Worker.runReplayHistory({ workflowBundle: bundle, dataConverter: { failureConverterPath }, replayName: name }, history, name);

test('a history is kept of every case type', () => {
  expect([...new Set(names.map(typeOf))].sort()).toEqual(caseDefinitions.map((definition) => definition.workflow).sort());
});

test.each(names)('%s: a running case with this history goes on under the code as it is now', async (name) => {
  await replay(name);
});

test('a change that breaks running cases is found: the code sets a timer where the history has an activity', async () => {
  const history = read('complaint-whole.json');
  const event = history.events?.find((each) => each.timerStartedEventAttributes != null);
  if (event == null) throw new Error('the history has a timer');
  event.eventType = temporal.api.enums.v1.EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED;
  event.timerStartedEventAttributes = null;
  event.activityTaskScheduledEventAttributes = { activityId: '1', activityType: { name: 'publish' } };
  await expect(replay('complaint-whole.json', history)).rejects.toMatchObject({ name: 'DeterminismViolationError' });
});
