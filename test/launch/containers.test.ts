import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { repositoryRoot } from '../../launch/provision/paths';
import { envNames, parseEnv } from '../../process/env';

/** No container engine is needed here: what can be wrong in the files themselves is looked for. */
const root = repositoryRoot();
const text = (file: string): string => readFileSync(path.join(root, file), 'utf8');

const Service = z.looseObject({
  image: z.string(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.enum(['service_healthy', 'service_completed_successfully']) })).optional(),
  healthcheck: z.object({ test: z.array(z.string()) }).loose().optional(),
  volumes: z.array(z.string()).optional(),
  ports: z.array(z.string()).optional(),
});
const Compose = z.looseObject({ services: z.record(z.string(), Service), volumes: z.record(z.string(), z.null()) });
const compose = Compose.parse(parse(text('docker-compose.yml'), { merge: true }));
const services = Object.entries(compose.services);
const ours = services.filter(([, service]) => service.image.startsWith('wenze:'));

/** The environment a service gets when nobody set anything: `${NAME:-default}` resolved. */
function defaults(environment: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')]));
}

describe('docker-compose.yml', () => {
  it('pins every image to a full version', () => {
    for (const [name, { image }] of services) expect([name, image]).toEqual([name, expect.stringMatching(/:\d+\.\d+(\.\d+)?$/)]);
  });

  it('runs the API, the worker and the systems, each from a main file that exists', () => {
    expect(ours.map(([name]) => name).sort()).toEqual(['api', 'systems', 'worker']);
    for (const [, { command }] of ours) expect(existsSync(path.join(root, command?.[0] ?? '', 'main.ts'))).toBe(true);
  });

  it('waits only for services that exist, and for health only where it is checked', () => {
    for (const [name, { depends_on: awaited = {} }] of services) {
      for (const [other, { condition }] of Object.entries(awaited)) {
        expect([name, other, Object.hasOwn(compose.services, other)]).toEqual([name, other, true]);
        if (condition === 'service_healthy') expect([other, compose.services[other]?.healthcheck !== undefined]).toEqual([other, true]);
      }
    }
  });

  it.each(ours)('gives %s only variables that the processes know, with defaults they accept', (_name, { environment = {} }) => {
    expect(Object.keys(environment).filter((name) => !(envNames as readonly string[]).includes(name))).toEqual([]);
    const secrets = ['WENZE_KEYRING', 'WENZE_TOKEN_SECRET', 'SYSTEMS_TOKEN'];
    const names = envNames.filter((name) => Object.hasOwn(environment, name) && !secrets.includes(name));
    expect(parseEnv(defaults(environment), names)).toMatchObject({ WENZE_DEMO: true, MONGODB_DB: 'wenze' });
  });

  it('mounts files and volumes that exist, and opens ports on this machine only', () => {
    for (const [, { volumes = [], ports = [] }] of services) {
      for (const volume of volumes) {
        const source = volume.split(':')[0] ?? '';
        expect([source, source.startsWith('./') ? existsSync(path.join(root, source)) : Object.hasOwn(compose.volumes, source)]).toEqual([source, true]);
      }
      for (const published of ports) expect(published).toMatch(/^127\.0\.0\.1:/);
    }
  });
});

describe('the image', () => {
  it('is built from one pinned base and copies what exists', () => {
    const lines = text('Dockerfile').split('\n');
    const bases = lines.filter((line) => line.startsWith('FROM')).map((line) => line.split(' ')[1]);
    expect(new Set(bases).size).toBe(1);
    expect(bases[0]).toMatch(/^node:\d+\.\d+\.\d+-/);
    const copied = lines.filter((line) => line.startsWith('COPY') && !line.includes('--from')).flatMap((line) => line.split(' ').slice(1, -1));
    expect(copied.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
  });

  it('refuses to run anything but our processes', () => {
    const start = (...args: string[]) => () => execFileSync(process.execPath, [path.join(root, 'docker', 'entrypoint.cjs'), ...args], { stdio: 'pipe' });
    expect(start()).toThrow(/usage: entrypoint\.cjs/);
    expect(start('../launch')).toThrow(/usage: entrypoint\.cjs/);
  });
});

describe('the shell scripts', () => {
  it.each(['docker/temporal-schema.sh', 'docker/temporal-namespace.sh'])('%s is sound shell', (script) => {
    expect(execFileSync('sh', ['-n', path.join(root, script)], { encoding: 'utf8' })).toBe('');
  });

  it('.ci/run is sound bash', () => {
    expect(execFileSync('bash', ['-n', path.join(root, '.ci', 'run')], { encoding: 'utf8' })).toBe('');
  });
});
