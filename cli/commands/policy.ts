/** `wenze policy check`: whether a city's own directory can be used, and what it changes, before anything is started with it. */
import type { Command } from 'commander';
import type { PolicyLimit } from '../../domain/clock';
import { loadLaw, type LoadedLaw } from '../../policy/load';
import { versionOf } from '../../policy/version';
import { print, type CliIo } from '../io';
import { policyDirOf } from '../policy-dir';

/** Adds the command. */
export function registerPolicy(program: Command, io: CliIo): void {
  const policy = program.command('policy').description('政策 · limits, ladders and calendars as data');
  policy.command('check [dir]')
    .description('check a policy directory over the product\'s own, naming file and field, and tell what it changes; left out: POLICY_DIR')
    .option('--json', 'answer as JSON', false)
    .action((dir: string | undefined, options: { readonly json: boolean }) => check(policyDirOf(dir, io), options.json, io));
}

async function check(policyDir: string | undefined, json: boolean, io: CliIo): Promise<void> {
  const law = loadLaw({ policyDir });
  const { archive, current } = law;
  const limits = entriesOf(law).size;
  const calendars = (archive.calendars.find((set) => set.version === current.calendarVersion)?.calendars ?? [])
    .map(({ jurisdiction, years }) => ({ jurisdiction, from: years[0]?.year ?? null, to: years.at(-1)?.year ?? null }));
  const { replaced, added } = changes(law, loadLaw());
  if (json) return print(io, JSON.stringify({ ...current, limits, calendars, replaced, added }));
  await print(io, `可用 usable: ${limits} limits, policy version ${current.policyVersion}; calendars ${
    calendars.map(({ jurisdiction, from, to }) => `${jurisdiction} ${from}–${to}`).join(', ')}, calendar version ${current.calendarVersion}`);
  if (replaced.length > 0) await print(io, `替换 replaced: ${replaced.join(', ')}`);
  // A mistyped id is a limit that no case runs under: it is seen here or nowhere.
  if (added.length > 0) await print(io, `新增 added, which the product itself does not know: ${added.join(', ')}`);
}

/** The entries in force by the id of their limit. */
function entriesOf({ archive, current }: LoadedLaw): Map<string, PolicyLimit[]> {
  const set = archive.policies.find((each) => each.version === current.policyVersion);
  const byId = new Map<string, PolicyLimit[]>();
  for (const limit of set?.limits ?? []) byId.set(limit.id, [...(byId.get(limit.id) ?? []), limit]);
  return byId;
}

/** The limits that a city says otherwise than the product, and those of its own. */
function changes(city: LoadedLaw, product: LoadedLaw): { replaced: string[]; added: string[] } {
  const own = entriesOf(product);
  const ids = [...entriesOf(city)].filter(([id, entries]) => versionOf(entries) !== versionOf(own.get(id) ?? [])).map(([id]) => id);
  return { replaced: ids.filter((id) => own.has(id)), added: ids.filter((id) => !own.has(id)) };
}
