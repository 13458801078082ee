import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { WenzeClient } from '../../client';
import { freePort } from '../../launch/ports';
import { readSettings } from '../../launch/settings';
import { System } from '../../launch/system';

/** The API process is ended with SIGKILL in the middle of an import, twice; the launcher starts it again, and the import goes on by itself. */
jest.setTimeout(400_000);

const portNames = ['PORT', 'SYSTEMS_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT', 'TEMPORAL_METRICS_PORT', 'WORKER_METRICS_PORT', 'MONGODB_PORT'];
const data = mkdtempSync(path.join(os.tmpdir(), 'wenze-import-'));
const rows = 90;
const bad = new Set([20, 60]);
let system: System;
let url: string;
let client: WenzeClient;

beforeAll(async () => {
  const ports: Record<string, string> = {};
  for (const name of portNames) ports[name] = String(await freePort());
  system = new System(readSettings({ ...ports, WENZE_DATA: data }), { PATH: process.env['PATH'], HOME: process.env['HOME'], LOG_LEVEL: 'warn' }, () => undefined);
  url = (await system.start()).api;
  client = await WenzeClient.login(url, 'handler', 'wenze-demo');
});
afterAll(async () => {
  await system.stop();
  rmSync(data, { recursive: true, force: true });
});

async function killApi(): Promise<void> {
  const api = system.services.find((service) => service.logFile.endsWith(`${path.sep}api.log`));
  const pid = api?.pid;
  if (pid === undefined) throw new Error('no API runs');
  process.kill(pid, 'SIGKILL');
  await until(() => Promise.resolve(api?.pid !== undefined && api.pid !== pid), 'the launcher to start it again');
}

async function until(holds: () => Promise<boolean>, what: string, limitMs = 150_000): Promise<void> {
  const end = Date.now() + limitMs;
  for (;;) {
    // Nobody answers while the process is down; fetch's TypeError is of another realm than Jest's, so it goes by its name.
    if (await holds().catch((error: unknown) => { if ((error as Error).name === 'TypeError') return false; throw error; })) return;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await delay(50);
  }
}

test('an import survives kill -9 twice: every good row is one case, every bad one is told, none is doubled', async () => {
  const lines = Array.from({ length: rows }, (_each, index) => `web,${bad.has(index) ? '' : `事由${index}`},事实,赵钱孙,yz-water`);
  const { body: checked } = await client.send('checkImport', { query: { type: 'complaint' } }, Buffer.from(`channel,subject,facts,complainant.name,accused.organ\n${lines.join('\n')}\n`), 'text/csv');
  expect(checked).toMatchObject({ state: 'checked', rows, valid: rows - bad.size, invalid: bad.size, started: 0 });
  const progress = async () => (await client.call('getImport', { params: { importId: checked.id } })).body;
  await client.call('startImport', { params: { importId: checked.id } });
  for (const share of [0.1, 0.5]) {
    await until(async () => (await progress()).started >= rows * share, `${share} of the rows`);
    expect((await progress()).started).toBeLessThan(rows - bad.size);
    await killApi();
  }
  await until(async () => (await progress()).state === 'done', 'the import to end');
  expect(await progress()).toMatchObject({ started: rows - bad.size, invalid: bad.size, valid: 0, refused: 0, fault: null });

  const report = (await (await client.download('downloadImportReport', { params: { importId: checked.id } })).text()).trim().split('\r\n').slice(1);
  expect(report).toHaveLength(rows);
  const numbers = report.flatMap((line) => /started,(TS-\d{4}-\d{6})/.exec(line)?.[1] ?? []);
  expect(new Set(numbers).size).toBe(rows - bad.size);
  expect(report.filter((line) => line.includes(',invalid,')).map((line) => Number(line.split(',')[0]))).toEqual([...bad].map((index) => index + 2));
  const listed = (await (await client.download('exportList', { params: { list: 'cases' } })).text()).trim().split('\r\n').slice(1);
  expect(listed.map((line) => line.split(',')[0]).sort()).toEqual(numbers.sort());
});
