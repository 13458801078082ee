import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { DAY_MS, civilDateAt } from '../../domain/civil-date';
import { letterKindNames } from '../../letters/kinds';
import { pdf } from '../documents/samples';
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

/** Things that are there, by the parameter that names them: a fuzzer alone would only ever meet 404. */
type Known = Readonly<Record<'password' | 'caseNumber' | 'step' | 'documentId' | 'kind' | 'importId' | 'webhookId' | 'delegationId' | 'userId' | 'keyId', readonly string[]>>;

let system: TestSystem;
let known: Known;
beforeAll(async () => {
  system = await TestSystem.start({ limits: { perMinute: 1_000_000, signInsPerMinute: 1_000_000 } });
  known = await furnish();
}, 5 * minutes);

/** Cases enough that some stay open whatever is tried on the others, with a document, an import, a webhook, an account, a key and delegations. */
async function furnish(): Promise<Known> {
  const [handler, supervisor, administrator] = [await system.as('handler'), await system.as('supervisor'), await system.as('administrator')];
  const caseNumber = [await (await system.as('referrer')).startCase('referral', referral)];
  for (let count = 0; count < 6; count += 1) caseNumber.push(await handler.startCase('complaint', complaint), await supervisor.startCase('incident-review', incident));
  const documents = await Promise.all(caseNumber.filter((number) => number.startsWith('TS')).map((number) => handler.send('uploadDocument', { params: { caseNumber: number } }, pdf, 'application/pdf')));
  const tables = await Promise.all([handler, supervisor].map((client) => client.send('checkImport', { query: { type: 'complaint' } }, Buffer.from('channel,subject,facts,complainant.name,accused.organ\nweb,事,实,赵钱孙,yz-water\n'), 'text/csv')));
  const { body } = await administrator.call('createWebhook', { body: { url: 'http://127.0.0.1:9/nobody' } });
  await administrator.call('createUser', { body: { id: 'fuzzed', name: '试', roles: ['handler'], organ: 'yz-complaints' } });
  const { body: made } = await administrator.call('createApiKey', { body: { name: '试', roles: ['handler'], organ: 'yz-complaints', scopes: ['case.read'] } });
  const delegationId: string[] = [];
  for (let ahead = 0; ahead < 12; ahead += 1) {
    const day = civilDateAt(Date.now() + ahead * DAY_MS);
    const { body: delegation } = await administrator.call('createDelegation', { body: { principal: 'handler', deputy: 'handler.b', from: day, until: day, reason: '外出' } });
    delegationId.push(delegation.id);
  }
  return {
    delegationId, userId: ['fuzzed'], keyId: [made.apiKey.id], password: ['correct horse battery', '十二个字符以上的中文口令也可以'],
    caseNumber, step: ['accept', 'route', 'explain.yz-water', 'examine.yz-water', 'investigate', 'decide'], documentId: documents.map((each) => each.body.id), kind: letterKindNames,
    importId: tables.map((each) => each.body.id), webhookId: [body.webhook.id],
  };
}

/** `ONLY=createUser,resetUserPassword` tries these operations alone, for whoever works at them. */
const only = (process.env['ONLY'] ?? '').split(',').filter((id) => id !== '').flatMap((id) => ['--include-operation-id', id]);

/** The configuration of the folder, with what is there put in two times out of three. */
function configuration(): string {
  const lists = Object.entries(known).map(([name, values]) => `[dictionaries.${name}]\nvalues = ${JSON.stringify(values)}\n`);
  const bindings = Object.keys(known).filter((name) => name !== 'password').map((name) => `"path.${name}" = { dictionary = "${name}", probability = 0.66 }`);
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'wenze-schemathesis-')), 'schemathesis.toml');
  writeFileSync(file, [readFileSync(path.join(__dirname, 'schemathesis.toml'), 'utf8'), ...lists, '[parameters]', ...bindings, ''].join('\n'));
  return file;
}

afterAll(async () => { await system.stop(); });

it.each(['handler', 'supervisor', 'administrator'])('as %s, every answer is documented, none is an error of ours, and every check passes', async (user) => {
  const { token } = await system.as(user);
  const program = await schemathesis();
  const result = await run(program, [
    '--config-file', configuration(),
    'run', `${system.url}/openapi.json`, '--header', `Authorization: Bearer ${token ?? ''}`, '--checks', 'all', '--workers', '1', '--no-color', '--max-failures', '40', '--continue-on-failure', '--request-timeout', '30', ...only,
  ], { cwd: mkdtempSync(path.join(os.tmpdir(), 'wenze-schemathesis-')), env: { ...process.env, PYTHONPATH: library }, timeout: 20 * minutes, maxBuffer: 64 * 1024 * 1024 })
    .catch((error: unknown) => error as { stdout?: string; stderr?: string; code?: number });
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}`;
  if ('code' in result) throw new Error(output);
  expect(output).toMatch(/\d+ generated, \d+ passed/);
  expect(output).not.toMatch(/\d failed/);
  // A few operations alone may have no links between them.
  if (only.length === 0) expect(output).toContain('Stateful');
}, 25 * minutes);
