import { Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { plantEverywhere } from './planted-run';
import { filesBelow, findAll, Secrets, type Place } from './searching';
import { WholeSystem } from './whole-system';

/**
 * A run of the whole system with a secret in every field that takes words; then everything that lies anywhere is read raw. Nothing may be found but what is
 * known to lie in the clear, and that is found by the same search, so that the search is known to see.
 */
jest.setTimeout(480_000);

const secrets = new Secrets();
let system: WholeSystem;
let numbers: string[];
let visible: Place[];
let places: Place[];

beforeAll(async () => {
  system = await WholeSystem.start();
  numbers = await plantEverywhere(system, secrets);
  visible = await listed(system.temporal);
  await system.stop();
  places = [...filesBelow(system.data), ...visible, { name: 'what npm start prints', bytes: Buffer.from(system.output) }];
});
afterAll(async () => {
  await system.stop();
  system.remove();
});

/** What Temporal's lists show anybody who may open them: search attributes, memos, summaries. */
async function listed(address: string): Promise<Place[]> {
  const connection = await Connection.connect({ address });
  try {
    const { executions } = await connection.workflowService.listWorkflowExecutions({ namespace: 'default', pageSize: 1_000 });
    const reply = temporal.api.workflowservice.v1.ListWorkflowExecutionsResponse.encode({ executions: executions ?? [] }).finish();
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    return [{ name: 'Temporal list', bytes: Buffer.from(reply) }, { name: 'Temporal search attributes', bytes: Buffer.from(JSON.stringify(customAttributes)) }];
  } finally {
    await connection.close();
  }
}

const of = (pattern: RegExp): Place[] => places.filter(({ name }) => pattern.test(name));

it('the run was a whole one: every foreign system has quoted what it was sent, a referral was decided, a webhook sent', () => {
  expect(Object.keys(secrets.texts).length).toBeGreaterThan(100);
  expect(numbers.length).toBeGreaterThanOrEqual(6);
  // Copy, archive and change of personnel, and the webhook.
  expect(system.quoted).toBeGreaterThanOrEqual(4);
});

it.each<[string, RegExp, Record<string, () => string>]>([
  ['Temporal’s database', /^temporal\/temporal\.db/, { 'case number': () => numbers[0] ?? '', 'a summary': () => '记入案卷 entry in the case file', organ: () => 'yz-water' }],
  ['MongoDB’s files', /^mongodb\//, { 'case number': () => numbers[0] ?? '', organ: () => 'yz-water', 'the name of an account': () => '水务经办员甲' }],
  ['the log of the API', /^logs\/api/, { 'case number': () => numbers[0] ?? '' }],
  ['Temporal’s lists', /^Temporal list$/, { 'case number': () => numbers[0] ?? '', organ: () => 'yz-water' }],
  ['what npm start prints', /^what npm start prints$/, { 'a login': () => 'department.transport' }],
])('the search sees: %s', (_place, files, known) => {
  for (const [what, text] of Object.entries(known)) expect({ what, found: findAll({ [what]: text() }, of(files)).length > 0 }).toEqual({ what, found: true });
});

it('logs of every process are among what is read', () => {
  expect(of(/^logs\//).map(({ name }) => name.replace(/^logs\/(\w+).*$/, '$1')).sort()).toEqual(expect.arrayContaining(['api', 'mongodb', 'systems', 'temporal', 'worker']));
});

it('no secret lies anywhere', () => {
  expect(findAll(secrets.texts, places)).toEqual([]);
});
