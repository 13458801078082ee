/** `wenze policy check`: whether a city's own directory can be used, before anything is started with it. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { loadLaw } from '../../policy/load';
import { print, UsageError, type CliIo } from '../io';

/** Adds the command. */
export function registerPolicy(program: Command, io: CliIo): void {
  const policy = program.command('policy').description('政策 · limits, ladders and calendars as data');
  policy.command('check [dir]')
    .description('check a policy directory over the product\'s own, naming file and field; left out: POLICY_DIR')
    .option('--json', 'answer as JSON', false)
    .action((dir: string | undefined, options: { readonly json: boolean }) => check(dir ?? (io.env['POLICY_DIR'] || undefined), options.json, io));
}

async function check(policyDir: string | undefined, json: boolean, io: CliIo): Promise<void> {
  if (policyDir !== undefined && !existsSync(policyDir)) throw new UsageError(`${policyDir}: there is no such directory`);
  const { archive, current } = loadLaw({ policyDir });
  const limits = archive.policies.find((set) => set.version === current.policyVersion)?.limits ?? [];
  const calendars = (archive.calendars.find((set) => set.version === current.calendarVersion)?.calendars ?? [])
    .map(({ jurisdiction, years }) => ({ jurisdiction, from: years[0]?.year ?? null, to: years.at(-1)?.year ?? null }));
  if (json) return print(io, JSON.stringify({ ...current, limits: limits.length, calendars }));
  await print(io, `可用 usable: ${limits.length} limits, policy version ${current.policyVersion}; calendars ${
    calendars.map(({ jurisdiction, from, to }) => `${jurisdiction} ${from}–${to}`).join(', ')}, calendar version ${current.calendarVersion}`);
}
