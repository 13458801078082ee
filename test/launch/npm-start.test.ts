import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../launch/ports';
import { isAlive } from '../../launch/provision/lock';
import { repositoryRoot } from '../../launch/provision/paths';
import { incident } from '../support/intakes';

/** `npm start` as somebody types it: real servers and processes, on free ports, with its data in a folder of this test. */
jest.setTimeout(300_000);

const root = repositoryRoot();
const data = mkdtempSync(path.join(os.tmpdir(), 'wenze-start-'));
const portNames = ['PORT', 'SYSTEMS_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT', 'TEMPORAL_METRICS_PORT', 'WORKER_METRICS_PORT', 'MONGODB_PORT'];
let ports: Record<string, string>;
const starts: Start[] = [];

beforeAll(async () => {
  ports = {};
  for (const name of portNames) ports[name] = String(await freePort());
});

afterAll(async () => {
  for (const start of starts) await start.end('SIGKILL');
  for (const pid of Object.values(noted())) process.kill(pid, 'SIGKILL');
  rmSync(data, { recursive: true, force: true });
});

/** The processes the launcher has noted, by name, that are running. */
function noted(): Record<string, number> {
  const run = path.join(data, 'run');
  const entries = readdirSync(run).map((file) => [path.basename(file, '.json'), (JSON.parse(readFileSync(path.join(run, file), 'utf8')) as { pid: number }).pid] as const);
  return Object.fromEntries(entries.filter(([name, pid]) => name !== 'launcher' && isAlive(pid)));
}

async function eventually<T>(what: string, attempt: () => Promise<T | undefined> | T | undefined, limitMs = 60_000): Promise<T> {
  const until = Date.now() + limitMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await attempt();
      if (value !== undefined) return value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > until) throw new Error(`never: ${what}`, { cause: last });
    await delay(100);
  }
}

class Start {
  output = '';
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;

  constructor(settings: Record<string, string> = {}) {
    this.child = spawn(process.execPath, [path.join(root, 'launch', 'start.cjs')], {
      cwd: root, env: { ...process.env, NODE_ENV: '', ...ports, WENZE_DATA: data, ...settings }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (text: Buffer): void => {
      this.output += text.toString();
    };
    this.child.stdout?.on('data', keep);
    this.child.stderr?.on('data', keep);
    this.ended = new Promise((resolve) => this.child.once('exit', resolve));
    starts.push(this);
  }

  /** The API's address, once the start has printed it. */
  async ready(): Promise<string> {
    const early = this.ended.then((code): never => {
      throw new Error(`the start ended with ${code}:\n${this.output}`);
    });
    return Promise.race([eventually('the addresses', () => (this.output.includes('Ctrl-C stops') ? /API 接口\s+(http:\S+)/.exec(this.output)?.[1] : undefined), 240_000), early]);
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    return this.ended;
  }
}

async function signIn(api: string, username = 'handler'): Promise<string> {
  const answer = await fetch(`${api}/v1/sessions`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ username, password: 'wenze-demo' }) });
  if (answer.status !== 201) throw new Error(`signing in answered ${answer.status}`);
  return ((await answer.json()) as { token: string }).token;
}

async function startIncident(api: string, token: string, key: string): Promise<string> {
  const answer = await fetch(`${api}/v1/cases/incident-review`, {
    method: 'POST', headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}`, 'Idempotency-Key': key }, body: JSON.stringify(incident),
  });
  if (answer.status !== 201) throw new Error(`starting a case answered ${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { caseNumber: string }).caseNumber;
}

async function stageOf(api: string, token: string, caseNumber: string): Promise<string> {
  const answer = await fetch(`${api}/v1/cases/${caseNumber}`, { headers: { Authorization: `Bearer ${token}` } });
  if (answer.status !== 200) throw new Error(`reading a case answered ${answer.status}`);
  return ((await answer.json()) as { stage: string }).stage;
}

let caseNumber: string;

it('brings everything up, prints the addresses and the demo logins, and runs a case', async () => {
  const start = new Start();
  const api = await start.ready();
  expect(api).toBe(`http://127.0.0.1:${ports['PORT']}`);
  for (const word of [`http://127.0.0.1:${ports['TEMPORAL_UI_PORT']}`, 'wenze-demo', 'handler', 'leader', 'supervisor']) expect(start.output).toContain(word);
  expect(Object.keys(noted()).sort()).toEqual(['api', 'mongodb', 'systems', 'temporal', 'worker']);
  const page = await fetch(`http://127.0.0.1:${ports['TEMPORAL_UI_PORT']}`);
  expect(page.status).toBe(200);
  // The UI sends the manager's log-in to the API, which opens payloads for its origin alone.
  const settings = await (await fetch(`http://127.0.0.1:${ports['TEMPORAL_UI_PORT']}/api/v1/settings`)).json() as { Codec: object };
  expect(settings.Codec).toMatchObject({ Endpoint: `${api}/v1/codec`, IncludeCredentials: true, DefaultErrorLink: `${api}/v1/codec/login` });
  const preflight = await fetch(`${api}/v1/codec/decode`, { method: 'OPTIONS', headers: { Origin: `http://127.0.0.1:${ports['TEMPORAL_UI_PORT']}`, 'Access-Control-Request-Method': 'POST' } });
  expect(preflight.headers.get('access-control-allow-origin')).toBe(`http://127.0.0.1:${ports['TEMPORAL_UI_PORT']}`);
  caseNumber = await startIncident(api, await signIn(api), 'npm-start-1');
  expect(caseNumber).toMatch(/^JT-\d{4}-\d{6}$/);
});

it('refuses a second start on the same data while the first runs', async () => {
  const second = new Start();
  expect(await second.ended).toBe(1);
  expect(second.output).toMatch(/already runs on/);
});

it.each(['worker', 'api', 'temporal', 'mongodb', 'systems'])('heals after kill -9 of %s: cases can be read and started again', async (name) => {
  const api = `http://127.0.0.1:${ports['PORT']}`;
  const before = noted()[name] ?? -1;
  process.kill(before, 'SIGKILL');
  await eventually(`another ${name}`, () => (noted()[name] ?? before) !== before || undefined);
  const another = await eventually('a case to be started', async () => startIncident(api, await signIn(api), `after-${name}`));
  expect(another).not.toBe(caseNumber);
  // Its first step is open: the worker has taken it up.
  expect(await eventually('its stage', () => signIn(api).then((token) => stageOf(api, token, another)))).toBe('explanation');
});

it('ends on SIGTERM with 0 and leaves no process behind', async () => {
  const pids = Object.values(noted());
  expect(pids).toHaveLength(5);
  expect(await starts[0]?.end('SIGTERM')).toBe(0);
  expect(pids.filter((pid) => isAlive(pid))).toEqual([]);
});

it('finds the first start\'s cases, on another port where the wanted one is taken; a killed launcher\'s servers are ended by the next start, and Ctrl-C ends it', async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(Number(ports['PORT']), '127.0.0.1', resolve));
  const second = new Start();
  const moved = await second.ready();
  await new Promise((resolve) => holder.close(resolve));
  expect(moved).not.toBe(`http://127.0.0.1:${ports['PORT']}`);
  expect(second.output).toMatch(new RegExp(`port ${ports['PORT']} is taken: PORT=\\d+ instead`));
  expect(await stageOf(moved, await signIn(moved), caseNumber)).toBe('explanation');
  // The same key gives the same case, even now.
  expect(await startIncident(moved, await signIn(moved), 'npm-start-1')).toBe(caseNumber);

  const left = noted();
  await second.end('SIGKILL');
  // Our own processes notice that the launcher is gone; the two servers cannot.
  await eventually('only servers are left', () => (['api', 'worker', 'systems'].every((name) => !isAlive(left[name] ?? -1)) ? true : undefined));
  expect(['temporal', 'mongodb'].map((name) => isAlive(left[name] ?? -1))).toEqual([true, true]);

  const third = new Start();
  const api = await third.ready();
  expect(third.output).toMatch(/ended what a killed start had left running: (mongodb, temporal|temporal, mongodb)/);
  expect(await stageOf(api, await signIn(api), caseNumber)).toBe('explanation');
  const pids = Object.values(noted());
  expect(await third.end('SIGINT')).toBe(0);
  expect(pids.filter((pid) => isAlive(pid))).toEqual([]);
});
