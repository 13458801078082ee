import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endStale, notePid, notedPid } from '../../launch/pid-file';
import { isAlive } from '../../launch/provision/lock';
import { Service, type ServiceSpec } from '../../launch/service';

let folder: string;
let told: string[];
const started: Service[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'wenze-service-'));
  told = [];
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((service) => service.stop('SIGKILL')));
  rmSync(folder, { recursive: true, force: true });
});

/** A child written here, which answers with its number of starts kept in a file. */
function service(body: string, options: Partial<ServiceSpec> = {}): Service {
  const script = path.join(folder, 'child.cjs');
  writeFileSync(script, `
    const fs = require('node:fs');
    const count = ${JSON.stringify(path.join(folder, 'starts'))};
    const starts = (fs.existsSync(count) ? Number(fs.readFileSync(count, 'utf8')) : 0) + 1;
    fs.writeFileSync(count, String(starts));
    const ready = (info) => process.send({ wenze: 'ready', info: { name: 'child', ...info } });
    ${body}`);
  const made = new Service({
    name: 'child', command: { program: process.execPath, args: [script] }, env: { PATH: process.env['PATH'] }, ready: 'message', backoffMs: 20,
    folders: { logs: path.join(folder, 'logs'), run: path.join(folder, 'run') }, tell: (line) => told.push(line), ...options,
  });
  started.push(made);
  return made;
}

async function eventually(what: string, condition: () => boolean): Promise<void> {
  const until = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > until) throw new Error(`never: ${what}`);
    await delay(10);
  }
}

const stayAlive = 'setInterval(() => {}, 1000);';

describe('a supervised process', () => {
  it('is ready when it says so, with what it said, and its output is in its log', async () => {
    const child = service(`console.log('hello'); ready({ url: 'http://127.0.0.1:1' }); ${stayAlive}`);
    expect(await child.start()).toEqual({ name: 'child', url: 'http://127.0.0.1:1' });
    expect(readFileSync(child.logFile, 'utf8')).toBe('hello\n');
  });

  it('is started again after kill -9, with a message', async () => {
    const child = service(`ready({}); ${stayAlive}`);
    await child.start();
    const first = child.pid ?? -1;
    process.kill(first, 'SIGKILL');
    await eventually('back', () => told.includes('child is back'));
    expect(child.pid).not.toBe(first);
    expect(told[0]).toMatch(/^child ended \(SIGKILL\): started again in 0\.02 s/);
  });

  it('waits longer before each further restart', async () => {
    const child = service(`ready({}); if (starts < 5) setTimeout(() => process.exit(3), 5); else ${stayAlive}`);
    await child.start();
    await eventually('fifth start', () => told.filter((line) => line === 'child is back').length === 4);
    expect(told.filter((line) => line.includes('ended')).map((line) => / in ([\d.]+) s/.exec(line)?.[1])).toEqual(['0.02', '0.04', '0.08', '0.16']);
  });

  it('fails the start with the end of its log when it dies three times before it serves', async () => {
    const child = service(`console.error('the disk is full'); process.exit(7);`);
    await expect(child.start()).rejects.toThrow(/child does not start \(exit 7\)[^]*the disk is full/);
    expect(readFileSync(path.join(folder, 'starts'), 'utf8')).toBe('3');
  });

  it('fails the start when the program does not exist', async () => {
    await expect(service('', { command: { program: path.join(folder, 'absent'), args: [] } }).start()).rejects.toThrow(/ENOENT/);
  });

  it('fails the start when it is not ready in time', async () => {
    await expect(service(stayAlive, { readyLimitMs: 300 }).start()).rejects.toThrow(/child is not ready/);
  });

  it('is killed when it does not stop, and what it started goes with it', async () => {
    const child = service(`
      process.on('SIGTERM', () => console.log('no'));
      const grandchild = require('node:child_process').spawn(process.execPath, ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], { stdio: 'ignore' });
      ready({ grandchild: grandchild.pid }); ${stayAlive}`, { graceMs: 300 });
    const info = await child.start();
    const pid = child.pid ?? -1;
    await child.stop();
    expect(isAlive(pid)).toBe(false);
    // Killed with its group; the system reaps it a moment later.
    await eventually('grandchild gone', () => !isRunning(Number(info['grandchild'])));
    expect(told).toEqual(['child does not stop after 0 s: killed']);
  });

  it('stays ended after stop, even while a restart was due', async () => {
    const child = service('ready({}); setTimeout(() => process.exit(1), 5);', { backoffMs: 200 });
    await child.start();
    await eventually('death', () => told.length === 1);
    await child.stop();
    await delay(400); // Longer than the restart's wait: what must not happen has no condition to wait for.
    expect(readFileSync(path.join(folder, 'starts'), 'utf8')).toBe('1');
  });
});

/** Alive and not merely waiting to be reaped by a parent that is not ours. */
function isRunning(pid: number): boolean {
  if (!isAlive(pid)) return false;
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'));
}

describe('what a killed launcher left behind', () => {
  it('is ended by the next start, by force if need be, and its note is cleared', async () => {
    const run = path.join(folder, 'run');
    const spawned = spawn(process.execPath, ['-e', "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)"], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
    await once(spawned.stdout, 'data');
    const ended = once(spawned, 'exit');
    const pid = spawned.pid ?? -1;
    notePid(run, 'orphan', pid);
    expect(notedPid(run, 'orphan')).toBe(pid);
    expect(await endStale(run, 200)).toEqual(['orphan']);
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(existsSync(path.join(run, 'orphan.json'))).toBe(false);
  });

  it('is left alone when the number now belongs to another program', async () => {
    const run = path.join(folder, 'run');
    notePid(run, 'worker', process.pid);
    const note = path.join(run, 'worker.json');
    writeFileSync(note, JSON.stringify({ pid: process.pid, command: 'node worker/main.js' }));
    expect(await endStale(run, 100)).toEqual([]);
    expect(existsSync(note)).toBe(false);
  });
});
