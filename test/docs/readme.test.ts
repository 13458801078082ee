import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '../../launch/ports';
import { repositoryRoot } from '../../launch/provision/paths';
import { readSettings } from '../../launch/settings';
import { System, type Addresses } from '../../launch/system';

/**
 * The commands of the README are run as they stand there, in one shell, against a system that `npm start` would bring up, and print what it shows.
 * `UPDATE_README=1` writes what they print into it. The commands of the runbook follow, on the case of the walk.
 */
jest.setTimeout(300_000);

const readme = path.join(repositoryRoot(), 'README.md');
const runbook = path.join(repositoryRoot(), 'docs', 'runbook.md');
const portNames = ['PORT', 'SYSTEMS_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT', 'TEMPORAL_METRICS_PORT', 'WORKER_METRICS_PORT', 'MONGODB_PORT'];
const data = mkdtempSync(path.join(os.tmpdir(), 'wenze-readme-'));
let system: System;
let addresses: Addresses;
/** What the walk printed; the runbook goes on with its case. */
let walked = '';

interface Block { readonly language: string; readonly text: string }

/** The fenced blocks from a heading on, in order; installing and starting is another test's business. */
function blocks(text: string, from: string): Block[] {
  const walk = text.slice(text.indexOf(from));
  return [...walk.matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(([, language = '', body = '']) => ({ language, text: body }));
}

/** What differs from run to run: days, instants, case numbers. */
const steady = (text: string): string => text.trim()
  .replaceAll(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, 'INSTANT')
  .replaceAll(/\b([A-Z]{2})-\d{4}-\d{6}\b/g, '$1-NUMBER')
  // What follows an answer may be on file with it or a moment later, on a slow machine.
  .replaceAll(/"revision":\d+/g, '"revision":REVISION')
  .replaceAll(/due \d{4}-\d{2}-\d{2}/g, 'due DATE')
  .replace(/^1 case-opened[^]*case-closed$/, anyOrder);

/** Other systems acknowledge when they do, between the steps of the case: where among them is not what the walk is about. */
function anyOrder(history: string): string {
  const events = history.split('\n').map((line) => line.replace(/^\d+ /, '').trim());
  return [...events.filter((event) => event !== 'system-done'), ...events.filter((event) => event === 'system-done')].join('\n');
}

beforeAll(async () => {
  const ports: Record<string, string> = {};
  for (const name of portNames) ports[name] = String(await freePort());
  system = new System(readSettings({ ...ports, WENZE_DATA: data }), { PATH: process.env['PATH'], HOME: process.env['HOME'], LOG_LEVEL: 'warn' }, () => undefined);
  addresses = await system.start();
});

afterAll(async () => {
  await system.stop();
  rmSync(data, { recursive: true, force: true });
});

test('the README\'s walk can be pasted and gives what it shows', () => {
  const shown = readFileSync(readme, 'utf8');
  const parts = blocks(shown, '## A walk');
  const commands = parts.filter((block) => block.language === 'sh');
  const outputs = parts.filter((block) => block.language === 'output');
  const mark = '@@@ next block @@@';
  const script = commands.map((block) => `${block.text}\necho '${mark}'`).join('\n').replaceAll('http://127.0.0.1:3000', addresses.api);
  const run = spawnSync('bash', ['-c', script], { cwd: repositoryRoot(), encoding: 'utf8', timeout: 240_000, env: { ...process.env, TZ: 'Asia/Shanghai' } });
  walked = run.stdout;
  const printed = run.stdout.split(`${mark}\n`).slice(0, commands.length);
  // A block that only prepares prints nothing, and nothing is shown for it.
  const speaking = printed.filter((text) => text.trim() !== '');
  expect({ stderr: run.stderr.replaceAll(/npm (warn|notice).*\n/g, ''), blocks: speaking.length }).toEqual({ stderr: '', blocks: outputs.length });
  if (process.env['UPDATE_README'] === '1') {
    let at = 0;
    const walk = shown.indexOf('## A walk');
    const updated = shown.slice(0, walk) + shown.slice(walk).replaceAll(/```output\n[\s\S]*?```/g, () => `\`\`\`output\n${(speaking[at++] ?? '').trim()}\n\`\`\``);
    writeFileSync(readme, updated);
    return;
  }
  expect(speaking.map(steady)).toEqual(outputs.map((block) => steady(block.text)));
});

test('the runbook\'s commands can be pasted after it, and what it shows of their output is there, in order', () => {
  const parts = blocks(readFileSync(runbook, 'utf8'), '## Commands');
  const caseNumber = /^\{"caseNumber":"(JT-\d{4}-\d{6})"/m.exec(walked)?.[1] ?? 'the walk gave no case number';
  const here = (text: string): string => text.replaceAll('/tmp/', `${data}/`).replaceAll('mongodb://127.0.0.1:27017', addresses.mongodb).replaceAll('127.0.0.1:7233', addresses.temporal)
    .replaceAll('.data/secrets.json', path.join(data, 'secrets.json')).replaceAll('JT-2026-000001', caseNumber);
  const shell = here(parts.filter((block) => block.language === 'sh').map((block) => block.text).join('\n'));
  // What `npx wenze` runs here, without npx looking for it a second or two each time.
  const npx = 'npx() { [ "$1" = wenze ] && shift && node bin/wenze.cjs "$@"; }';
  const run = spawnSync('bash', ['-c', `set -eo pipefail\n${npx}\n${shell}`], { cwd: repositoryRoot(), encoding: 'utf8', timeout: 240_000 });
  expect({ status: run.status, stderr: run.status === 0 ? '' : run.stderr }).toEqual({ status: 0, stderr: '' });
  const printed = run.stdout.split('\n');
  let at = 0;
  for (const line of here(parts.filter((block) => block.language === 'output').map((block) => block.text).join('')).trimEnd().split('\n')) {
    const found = printed.indexOf(line, at);
    expect({ line, found: found >= 0 ? 'printed' : `not among:\n${printed.slice(at).join('\n')}` }).toEqual({ line, found: 'printed' });
    at = found + 1;
  }
});
