import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { incident, complaint, referral } from '../support/intakes';
import { TestSystem } from '../support/system';

const run = promisify(execFile);
const library = path.resolve(process.env['WENZE_CACHE'] ?? '.cache', 'schemathesis');
const minutes = 60_000;

/** Schemathesis, installed by pip into the cache once. */
async function schemathesis(): Promise<string> {
  const program = path.join(library, 'bin', 'schemathesis');
  if (!existsSync(program)) await run('python3', ['-m', 'pip', 'install', '--quiet', '--target', library, 'schemathesis>=4.32,<5'], { timeout: 5 * minutes });
  return program;
}

let system: TestSystem;
beforeAll(async () => {
  system = await TestSystem.start({ limits: { perMinute: 1_000_000, signInsPerMinute: 1_000_000 } });
  const handler = await system.as('handler');
  await handler.startCase('incident-review', incident);
  await handler.startCase('complaint', complaint);
  await (await system.as('referrer')).startCase('referral', referral);
}, 5 * minutes);
afterAll(async () => { await system.stop(); });

it.each(['handler', 'supervisor'])('as %s, every answer is documented, none is an error of ours, and every check passes', async (user) => {
  const { token } = await system.as(user);
  const program = await schemathesis();
  const result = await run(program, [
    '--config-file', path.join(__dirname, 'schemathesis.toml'),
    'run', `${system.url}/openapi.json`, '--header', `Authorization: Bearer ${token ?? ''}`, '--checks', 'all', '--workers', '1', '--no-color', '--max-failures', '40', '--continue-on-failure', '--request-timeout', '30',
  ], { cwd: mkdtempSync(path.join(os.tmpdir(), 'wenze-schemathesis-')), env: { ...process.env, PYTHONPATH: library }, timeout: 20 * minutes, maxBuffer: 64 * 1024 * 1024 })
    .catch((error: unknown) => error as { stdout?: string; stderr?: string; code?: number });
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}`;
  if ('code' in result) throw new Error(output);
  expect(output).toMatch(/\d+ generated, \d+ passed/);
  expect(output).not.toMatch(/\d failed/);
}, 25 * minutes);
