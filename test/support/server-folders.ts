import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { endStale, notePid } from '../../launch/pid-file';
import { isAlive } from '../../launch/provision/lock';

/**
 * Where the tests' servers keep their data and the notes of what runs: one folder per run, named by the id of the process that leads it and shared by
 * its workers. Jest runs tests in a realm whose `process` never says `exit`, so what a test left running is ended by the global teardown, and what a
 * killed run left by the next run.
 */
const runs = path.join(os.tmpdir(), 'wenze-test-servers');
const leader = Number(process.env['WENZE_TEST_RUN'] ?? process.pid);
const own = path.join(runs, String(leader));

/** A fresh folder for one server's data. */
export function dataFolder(name: string): string {
  return mkdtempSync(runFile(`${name}-`));
}

/** A place for a file that lives as long as this run. */
export function runFile(name: string): string {
  mkdirSync(own, { recursive: true });
  return path.join(own, name);
}

/** Notes a server of this test process. */
export function noteServer(name: string, pid: number): void {
  notePid(path.join(own, 'run'), `${name}-${pid}`, pid);
}

/** Ends the servers, and removes the data, of runs that are gone; with `ours` of this one too. */
export async function endOrphans(ours = false): Promise<void> {
  if (!existsSync(runs)) return;
  const owners = readdirSync(runs).filter((pid) => !isAlive(Number(pid)) || (ours && Number(pid) === leader));
  for (const owner of owners) {
    await endStale(path.join(runs, owner, 'run'), 1_000);
    rmSync(path.join(runs, owner), { recursive: true, force: true });
  }
}
