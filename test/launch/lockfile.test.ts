import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { repositoryRoot } from '../../launch/provision/paths';

const Lock = z.object({
  packages: z.record(z.string(), z.looseObject({ resolved: z.string().optional(), optionalDependencies: z.record(z.string(), z.string()).optional() })),
});
const { packages } = Lock.parse(JSON.parse(readFileSync(path.join(repositoryRoot(), 'package-lock.json'), 'utf8')));

/** The entry that `name` resolves to from the package at `from`: nested first, then outwards. */
function isLocked(from: string, name: string): boolean {
  for (let place = from; ; place = place.slice(0, Math.max(place.lastIndexOf('/node_modules/'), 0))) {
    if (Object.hasOwn(packages, `${place === '' ? '' : `${place}/`}node_modules/${name}`)) return true;
    if (place === '') return false;
  }
}

describe('package-lock.json', () => {
  it('holds the builds for every platform: npm ci refuses it otherwise, and a bare clone could not start', () => {
    const missing = Object.entries(packages).flatMap(([from, { optionalDependencies = {} }]) => Object.keys(optionalDependencies).filter((name) => !isLocked(from, name)));
    // An npm install whose registry lacks a platform's build of a version drops it silently: take a version that all platforms have.
    expect(missing).toEqual([]);
  });

  it('names no registry', () => {
    expect(Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined && /^https?:/.test(resolved)).map(([name]) => name)).toEqual([]);
  });
});
