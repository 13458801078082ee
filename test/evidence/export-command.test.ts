import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { main } from '../../cli/main';
import { verifyExport } from '../../evidence/verify';
import { complaint, incident } from '../support/intakes';
import { TestSystem } from '../support/system';

let system: TestSystem;
const directory = mkdtempSync(path.join(tmpdir(), 'wenze-export-'));
const file = (name: string): string => path.join(directory, name);

beforeAll(async () => { system = await TestSystem.start(); }, 180_000);
afterAll(async () => {
  await system.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function wenze(args: readonly string[], env: Record<string, string> = {}): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const into = (stream: 'out' | 'err'): Writable => new Writable({ write: (chunk: Buffer, _encoding, done) => { said[stream] += chunk.toString(); done(); } });
  return { code: await main(args, { stdin: Readable.from([]), stdout: into('out'), stderr: into('err'), env }), ...said };
}

const asUser = async (user: string): Promise<Record<string, string>> => ({ WENZE_URL: system.url, WENZE_TOKEN: (await system.as(user)).token ?? '' });

test('exported through the API with a token, verified offline; the unmasking is on record', async () => {
  const caseNumber = await (await system.as('handler')).startCase('complaint', complaint);
  expect(await wenze(['export', caseNumber, '-o', file('whole.zip')], await asUser('handler'))).toMatchObject({ code: 0, err: '' });
  const { code, out } = await wenze(['verify', file('whole.zip')]);
  expect(out).toContain(`${caseNumber} 全部成立 everything holds`);
  expect(code).toBe(0);
  expect(readFileSync(file('whole.zip')).toString('utf8')).toContain(complaint.complainant.name);
  expect((await system.store.audit.find(caseNumber)).filter((entry) => entry.kind === 'unmask')).toMatchObject([{ user: 'handler', outcome: 'allowed' }]);
});

test('the auditor may not see the complainant: refused whole, and on record; redacted it verifies and names nobody', async () => {
  const caseNumber = await (await system.as('handler')).startCase('complaint', complaint);
  const refused = await wenze(['export', caseNumber, '-o', file('refused.zip')], await asUser('auditor'));
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('403') as string });
  expect(await wenze(['export', caseNumber, '--redacted', '-o', file('redacted.zip')], await asUser('auditor'))).toMatchObject({ code: 0 });
  expect((await wenze(['verify', file('redacted.zip')])).code).toBe(0);
  const text = readFileSync(file('redacted.zip')).toString('utf8');
  for (const secret of [complaint.complainant.name, complaint.complainant.phone, complaint.subject]) expect(text).not.toContain(secret);
  expect((await system.store.audit.find(caseNumber)).filter((entry) => entry.user === 'auditor').map((entry) => [entry.action, entry.outcome]))
    .toEqual(expect.arrayContaining([['personal.unmask', 'refused'], ['export', 'allowed']]));
});

test('an attachment that no browser shows; an unknown case, a stranger and a wrong query are refused', async () => {
  const caseNumber = await (await system.as('handler')).startCase('complaint', complaint);
  const { status, headers } = await system.raw('handler', 'GET', `/v1/cases/${caseNumber}/export`);
  expect([status, headers.get('content-type'), headers.get('content-disposition')]).toEqual([200, 'application/zip', expect.stringMatching(/^attachment/)]);
  expect(verifyExport(Buffer.from(await (await fetch(`${system.url}/v1/cases/${caseNumber}/export`, { headers: { authorization: `Bearer ${(await system.as('handler')).token ?? ''}` } })).arrayBuffer()))).toMatchObject({ holds: true, redacted: true });
  expect((await system.raw('handler', 'GET', '/v1/cases/TS-2026-999999/export')).body).toMatchObject({ code: 'unknown-case' });
  expect((await system.raw('handler', 'GET', `/v1/cases/${caseNumber}/export?redacted=perhaps`)).status).toBe(400);
  expect((await system.raw('department.transport', 'GET', `/v1/cases/${caseNumber}/export?redacted=true`)).status).toBe(403);
  expect((await system.raw(null, 'GET', `/v1/cases/${caseNumber}/export`)).status).toBe(401);
});

describe('straight from the store', () => {
  const direct = (): Record<string, string> => ({ MONGODB_URI: system.mongo.uri, MONGODB_DB: 'wenze', WENZE_KEYRING: JSON.stringify(system.keyringData) });

  test('the same file as through the API; who exported is on record', async () => {
    const caseNumber = await (await system.as('supervisor')).startCase('incident-review', incident);
    await wenze(['export', caseNumber, '-o', file('api.zip')], await asUser('supervisor'));
    expect(await wenze(['export', caseNumber, '-o', file('direct.zip'), '--by', 'archivist'], direct())).toMatchObject({ code: 0, err: '' });
    expect(readFileSync(file('direct.zip'))).toEqual(readFileSync(file('api.zip')));
    expect((await system.store.audit.find(caseNumber)).map((entry) => entry.user)).toContain('archivist');
  });

  test('roots are made, shown and checked', async () => {
    expect((await wenze(['root'], direct())).code).toBe(0);
    expect(await wenze(['root', '--check'], direct())).toMatchObject({ code: 0, out: expect.stringContaining('hold') as string });
    expect(await wenze(['root', '--day', '2020-01-01'], direct())).toMatchObject({ code: 1, err: 'wenze: no root of 2020-01-01 has been made\n' });
    expect((await wenze(['root', '--day', '2020-02-30'], direct())).err).toContain('2020-02-30');
  });

  test('nothing is past its term; --apply wants to know who decided', async () => {
    expect(await wenze(['retention', '--dry-run', '--json'], direct())).toMatchObject({ code: 0, out: '[]\n' });
    expect((await wenze(['retention', '--apply'], direct())).err).toContain('--by');
    expect((await wenze(['retention'], direct())).err).toContain('--dry-run or --apply');
  });

  test('what is missing of the environment, and a case that is not there, are named', async () => {
    expect((await wenze(['export', 'TS-2026-999999', '-o', file('none.zip')], direct())).err).toBe('wenze: no case TS-2026-999999 is on file\n');
    expect((await wenze(['export', 'TS-2026-999999'], { MONGODB_URI: system.mongo.uri })).err).toContain('WENZE_KEYRING: is required');
    expect((await wenze(['export', 'TS-2026-999999'], { WENZE_URL: system.url })).err).toContain('WENZE_TOKEN');
  });
});

test('a changed file: the exit code is 1, the first place stands on stderr and in the JSON', async () => {
  const caseNumber = await (await system.as('handler')).startCase('complaint', complaint);
  await wenze(['export', caseNumber, '-o', file('bad.zip')], await asUser('handler'));
  const bytes = readFileSync(file('bad.zip'));
  const at = bytes.indexOf(complaint.complainant.phone);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file('bad.zip'), bytes);
  const { code, out, err } = await wenze(['verify', file('bad.zip'), '--json']);
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({ holds: false, caseNumber, first: { check: 'container' } });
  expect(err).toMatch(/does not hold: byte \d+ \((case\.json|events\.jsonl)\)/);
  expect((await wenze(['verify', file('nothing.zip')])).err).toContain('nothing.zip');
  expect((await wenze(['verify', file('whole.zip'), '--root', 'abc'])).err).toContain('--root');
  expect(verifyExport(readFileSync(file('whole.zip'))).holds).toBe(true);
});
