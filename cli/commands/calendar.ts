/** `wenze calendar`: which years are published, and how a newly published one is loaded. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { shortName } from '../../policy/files';
import { addYear, loadCalendars, loadLaw, readCalendar } from '../../policy/load';
import { print, UsageError, type CliIo } from '../io';
import { policyDirOf } from '../policy-dir';

/** Adds the command. */
export function registerCalendar(program: Command, io: CliIo): void {
  const calendar = program.command('calendar').description('日历 · the calendars of working days');
  calendar.command('list')
    .description('each year with the notice it rests on')
    .option('--policy-dir <dir>', 'instead of POLICY_DIR')
    .action((options: { readonly policyDir?: string }) => list(options.policyDir, io));
  calendar.command('load <file>')
    .description('check a newly published year (or a whole calendar) and put it into the policy directory of the city')
    .option('--policy-dir <dir>', 'instead of POLICY_DIR')
    .action((file: string, options: { readonly policyDir?: string }) => load(file, options.policyDir ?? io.env['POLICY_DIR'], io));
}

async function list(policyDir: string | undefined, io: CliIo): Promise<void> {
  for (const data of loadCalendars(policyDirOf(policyDir, io))) {
    await print(io, `${data.jurisdiction}  ${data.title.zh}  ${data.title.en}`);
    for (const year of data.years) await print(io, `  ${year.year}  ${year.notices.map((notice) => `${notice.number} (${notice.issued})`).join(', ')}`);
  }
}

/** A year that was loaded before is replaced: a notice may be corrected. Nothing is written when the file is wrong. */
async function load(file: string, policyDir: string | undefined, io: CliIo): Promise<void> {
  if (policyDir === undefined || policyDir === '') throw new UsageError('no policy directory: set POLICY_DIR or give --policy-dir');
  const read = readCalendar(file);
  const before = loadLaw({ policyDir }).current.calendarVersion;
  const whole = 'years' in read;
  if (!whole) addYear(new Map(loadCalendars(policyDir).map((data) => [data.jurisdiction, data])), read, shortName(file));
  // The directory is read in the order of names, and a single year must come after the whole calendar it belongs to.
  put(path.join(policyDir, 'calendars'), whole ? `${read.jurisdiction}.json` : `${read.jurisdiction}.year-${read.year}.json`, read);
  const after = loadLaw({ policyDir }).current.calendarVersion;
  const what = whole ? read.jurisdiction : `${read.jurisdiction} ${read.year}`;
  await print(io, after === before ? `${what} was loaded already; calendar version ${after}` : `${what} loaded; calendar version ${before} → ${after}`);
  if (after !== before) {
    await print(io, '运行中的工作进程在数秒内对日期暂定的在办案件重新计算,日期有变的予以通知 · a running worker finds it within seconds and recalculates running cases with a provisional date, on record, with a notice where the date moved');
  }
}

/** In one step, so that a process that starts at this moment reads the old file or the new one. */
function put(dir: string, name: string, content: unknown): void {
  mkdirSync(dir, { recursive: true });
  const fresh = path.join(dir, `${name}.new`);
  try {
    writeFileSync(fresh, `${JSON.stringify(content, null, 2)}\n`);
    renameSync(fresh, path.join(dir, name));
  } finally {
    rmSync(fresh, { force: true });
  }
}
