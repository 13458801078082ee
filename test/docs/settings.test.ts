import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '../../launch/provision/paths';
import { LaunchSettings } from '../../launch/settings';
import { envNames } from '../../process/env';

const read = (...parts: string[]): string => readFileSync(path.join(repositoryRoot(), ...parts), 'utf8');

/** Variables in the first column of the runbook's table. */
function listed(): string[] {
  const table = read('docs', 'runbook.md').split('## Settings')[1] ?? '';
  return [...table.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, name = '']) => name));
}

/** What the commands read of the environment beyond the table of process/env.ts. */
function readByCommands(): string[] {
  const files = readdirSync(path.join(repositoryRoot(), 'cli'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return files.flatMap((file) => [...read('cli', file).matchAll(/\benv\['([A-Z_]+)'\]/g)].map(([, name = '']) => name));
}

test('the runbook lists every setting that anything of ours reads, each once, and no other', () => {
  const known = [...new Set([...envNames, ...Object.keys(LaunchSettings.shape), ...readByCommands()])].sort();
  expect(readByCommands()).toContain('WENZE_URL');
  expect(listed().sort()).toEqual(known);
});

test('every command of the program is in the runbook', () => {
  const names = readdirSync(path.join(repositoryRoot(), 'cli', 'commands')).flatMap((file) => [...read('cli', 'commands', file).matchAll(/program\.command\('([a-z-]+)/g)].map(([, name = '']) => name));
  expect(names.length).toBeGreaterThan(6);
  const text = read('docs', 'runbook.md');
  expect(names.filter((name) => !text.includes(`wenze ${name}`))).toEqual([]);
});
