/** A year that is published, and a limit that is corrected, reach a worker that is running: by one command, and by the files alone. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { main } from '../../cli/main';
import type { Law } from '../../domain/clock';
import { loadLaw } from '../../policy/load';
import { followLaw, openLaw } from '../../store';
import { recalculate } from '../../worker/recalculate';
import { CaseWorld } from '../support/case-world';

const dir = mkdtempSync(path.join(tmpdir(), 'wenze-policy-'));
const policyDir = path.join(dir, 'policy');
/** What the worker was started with: an object that stands for whatever is in force. */
let inForce: Law = loadLaw({ policyDir });
const law: Law = {
  get current() { return inForce.current; },
  limit: (...asked) => inForce.limit(...asked),
  calendar: (...asked) => inForce.calendar(...asked),
};
const problems: string[] = [];
const log = { info: () => undefined, error: (_line: unknown, message?: string) => { problems.push(message ?? ''); } };

let world: CaseWorld;
let stop: () => Promise<void>;
beforeAll(async () => {
  world = await CaseWorld.begin('2030-03-12', { law });
  const followed = await openLaw(world.store.laws, policyDir, Date.now());
  inForce = followed;
  stop = followLaw(followed, log, async (stopping) => { await recalculate(world.store, world.environment.client, law, stopping); }, 100);
}, 180_000);
afterAll(async () => {
  await stop();
  await world.end();
  rmSync(dir, { recursive: true });
});

async function wenze(...args: string[]): Promise<string> {
  let said = '';
  const into = new Writable({ write: (chunk: Buffer, _encoding, done) => { said += chunk.toString(); done(); } });
  expect(await main(args, { stdin: Readable.from([]), stdout: into, stderr: into, env: { POLICY_DIR: policyDir } })).toBe(0);
  return said;
}

/** A year as a city writes it down from the notice. */
function published(year: number): string {
  const file = path.join(dir, `${year}.json`);
  writeFileSync(file, JSON.stringify({
    jurisdiction: 'cn', year, notices: [{ number: `国办发明电〔${year - 1}〕1号`, issued: `${year - 1}-11-01`, source: 'https://example.gov.cn/' }],
    holidays: year === 2030 ? [{ name: 'qingming', from: '2030-04-05', to: '2030-04-07' }] : [],
  }));
  return file;
}

const incident = (occurredOn: string) => ({ category: 'work-safety', subject: '水库溢洪道闸门故障', facts: '汛前检查发现闸门不能启闭。', occurredOn, organs: ['yz-water'] });
const clockOf = async (caseNumber: string, id = 'explain.yz-water') => {
  const clock = (await world.view(caseNumber)).clocks.find((each) => each.id === id);
  if (clock?.reading == null) throw new Error(`${caseNumber} has no reading of ${id}`);
  return { spec: clock.spec, reading: clock.reading };
};
const eventsOf = async (caseNumber: string, kind: string) => (await world.events(caseNumber)).filter((event) => event.kind === kind);

test('one command loads the published year, and the running case is recalculated without a restart', async () => {
  // One month from 5 March 2030: Friday 5 April, as far as anybody knows.
  const caseNumber = await world.start('incident-review', incident('2030-03-05'), 'supervisor');
  const before = await clockOf(caseNumber);
  expect(before.reading).toMatchObject({ due: '2030-04-05', provisional: true });

  // The years before are loaded too, because years stand without a gap.
  const last = inForce.calendar('cn', inForce.current.calendarVersion).data.years.at(-1)?.year ?? 0;
  for (let year = last + 1; year <= 2030; year += 1) expect(await wenze('calendar', 'load', published(year))).toContain(`cn ${year} loaded`);

  const moved = async () => (await eventsOf(caseNumber, 'notice')).filter((event) => event.facts['template'] === 'due-date-moved').map((event) => event.facts);
  await world.until(async () => (await moved()).length > 0, 'the notice that the date moved');
  await world.settled(caseNumber);
  const { reading, spec } = await clockOf(caseNumber);
  expect(reading).toMatchObject({ provisional: false, calendarVersion: inForce.current.calendarVersion, policyVersion: before.reading.policyVersion });
  const recorded = spec.events.filter((event) => event.kind === 'recalculation');
  expect(recorded.map((event) => event.ground)).toEqual(['calendar-published']);
  expect(await moved()).toEqual([expect.objectContaining({ dueBefore: '2030-04-05', due: '2030-04-08', ground: 'calendar-published' })]);
  expect(problems).toEqual([]);
}, 60_000);

test('a file that is wrong leaves the law in force as it is, is told once, and is followed when it is mended', async () => {
  const { policyVersion } = inForce.current;
  const entry = { ...inForce.limit('incident.explain', policyVersion), limit: { amount: 20, unit: 'calendar-day' }, transition: 'running-cases' };
  const file = path.join(policyDir, 'limits', 'ours.json');
  mkdirSync(path.dirname(file), { recursive: true });
  const caseNumber = await world.start('incident-review', incident('2030-03-11'), 'supervisor');
  expect((await clockOf(caseNumber)).reading).toMatchObject({ due: '2030-04-11', provisional: false });

  writeFileSync(file, JSON.stringify([{ ...entry, limit: { amount: -1, unit: 'day' } }]));
  await world.until(() => Promise.resolve(problems.length > 0), 'the wrong file to be told');
  expect(inForce.current.policyVersion).toBe(policyVersion);
  expect(problems).toEqual(['the law could not be followed; what was in force stays so']);

  writeFileSync(file, JSON.stringify([entry]));
  // Twenty days from 11 March: Sunday 31 March, so Monday 1 April.
  await world.until(async () => (await clockOf(caseNumber)).reading.due === '2030-04-01', 'the case to be recalculated');
  await world.settled(caseNumber);
  expect((await clockOf(caseNumber)).spec.events.filter((event) => event.kind === 'recalculation').map((event) => event.ground)).toEqual(['corrected-limit']);
}, 60_000);
