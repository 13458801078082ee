import { parseEnv, EnvError } from '../../process/env';
import { createLogger, redacted } from '../../process/log';

const key = Buffer.alloc(32, 7).toString('base64');

function problemsOf(source: Record<string, string>, ...names: Parameters<typeof parseEnv>[1][number][]): readonly string[] {
  try {
    parseEnv(source, names);
  } catch (err) {
    if (err instanceof EnvError) return err.problems;
    throw err;
  }
  return [];
}

describe('the environment', () => {
  it('gives defaults for what is absent or empty', () => {
    expect(parseEnv({ PORT: '' }, ['PORT', 'TEMPORAL_TASK_QUEUE', 'MONGODB_DB'])).toMatchObject({ PORT: 3000, TEMPORAL_TASK_QUEUE: 'wenze', MONGODB_DB: 'wenze', WENZE_DEMO: false });
  });

  it('names everything that is wrong at once, without quoting a value', () => {
    const problems = problemsOf({ PORT: '70000', MONGODB_URI: 'postgres://u:hunter2@h', WENZE_KEYRING: `{"current":"k2","keys":{"k1":"${key}"}}` }, 'PORT', 'MONGODB_URI', 'WENZE_KEYRING', 'SYSTEMS_TOKEN');
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(['PORT', 'MONGODB_URI', 'WENZE_KEYRING', 'SYSTEMS_TOKEN']);
    expect(problems[2]).toBe('WENZE_KEYRING: current: names no key in keys');
    expect(problems.join()).not.toMatch(new RegExp(`hunter2|${key}`));
  });

  it.each([
    ['POLICY_DIR', '/nowhere/at/all', 'POLICY_DIR: must be a folder that is there'],
    ['PORT', 'abc', 'PORT: must be a whole number from 0 to 65535'],
    ['RATE_LIMIT_PER_MINUTE', '0', 'RATE_LIMIT_PER_MINUTE: must be a whole number from 1 to 10000000'],
    ['WEBHOOK_NETWORKS', '10.0.0.0/8,zz', 'WEBHOOK_NETWORKS: must be addresses or networks such as 10.8.0.0/16, separated by commas'],
    ['TRUSTED_PROXIES', '10.0.0.0/99', 'TRUSTED_PROXIES: must be addresses or networks such as 10.8.0.0/16, separated by commas'],
  ] as const)('refuses %s=%s in words', (name, value, problem) => {
    expect(problemsOf({ [name]: value }, name)).toEqual([problem]);
  });

  it('names a log level that is none, and logs meanwhile', () => {
    expect(problemsOf({ LOG_LEVEL: 'loud' })).toEqual([expect.stringMatching(/^LOG_LEVEL: /)]);
    const before = process.env['LOG_LEVEL'];
    process.env['LOG_LEVEL'] = 'loud';
    try {
      expect(createLogger('test').level).toBe('info');
    } finally {
      if (before === undefined) delete process.env['LOG_LEVEL'];
      else process.env['LOG_LEVEL'] = before;
    }
  });

  it('does not quote a keyring that is not JSON', () => {
    expect(problemsOf({ WENZE_KEYRING: `k1:${key}` }, 'WENZE_KEYRING').join()).not.toContain(key);
  });

  it('refuses demo mode in production, whatever was asked for', () => {
    expect(problemsOf({ NODE_ENV: 'production', WENZE_DEMO: '1' })).toEqual([expect.stringMatching(/^WENZE_DEMO: .*production/)]);
  });
});

describe('the log', () => {
  function lines(write: (log: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
    const written: string[] = [];
    write(createLogger('test', { level: 'info', destination: { write: (line) => void written.push(line) } }));
    return written.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  it('replaces secrets and personal data at any depth, in arrays and in error details', () => {
    const failure = Object.assign(new Error('duplicate key'), { code: 11_000, writeErrors: [{ op: { name: '张某' } }], password: 'hunter2' });
    const [first, second] = lines((log) => {
      log.info({ request: { headers: { Authorization: 'Bearer abc', 'x-api-key': 'abc' } }, cases: [{ complainant: { name: '张某' }, stage: 'handle' }] }, 'seen');
      log.error({ err: failure, nested: { cause: failure } }, 'failed');
    });
    expect(first).toMatchObject({ process: 'test', level: 'info', request: { headers: { Authorization: redacted, 'x-api-key': redacted } }, cases: [{ complainant: redacted, stage: 'handle' }] });
    expect(second).toMatchObject({ err: { type: 'Error', message: 'duplicate key', code: 11_000 } });
    expect(JSON.stringify(second)).not.toMatch(/张某|hunter2/);
  });

  it('drops the query of a request, which holds what was searched for', () => {
    const [line] = lines((log) => log.child({ req: { id: 'r1', method: 'GET', url: '/v1/cases?q=%E5%BC%A0', headers: { cookie: 'c' } } }).info('request'));
    expect(line?.['req']).toEqual({ id: 'r1', method: 'GET', path: '/v1/cases' });
  });
});
