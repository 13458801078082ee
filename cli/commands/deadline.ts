/** `wenze deadline`: the last day of a limit, for one question or for a stream of them. */
import type { Command } from 'commander';
import { OutsideCalendar } from '../../domain/calendar/calendar';
import { CalendarData } from '../../domain/calendar/data';
import { wallClockAt } from '../../domain/calendar/zone';
import { isCivilDate } from '../../domain/civil-date';
import { deadline, explainDeadline, lawFromVersions, UnknownLaw, type ClockExplanation, type Deadline, type DeadlineQuestion, type Law } from '../../domain/clock';
import { BadLimit, parseLimit } from '../../domain/limit';
import { readJson } from '../../policy/files';
import { loadLaw } from '../../policy/load';
import { calendarSet } from '../../policy/version';
import { answerLines, type Asked, type WrongField } from '../batch';
import { print, UsageError, type CliIo } from '../io';
import { policyDirOf } from '../policy-dir';

interface Options {
  readonly from?: string;
  readonly limit?: string;
  readonly calendar: string;
  readonly before: boolean;
  readonly roll: boolean;
  readonly json: boolean;
  readonly explain: boolean;
  readonly batch: boolean;
  readonly policyDir?: string;
}

/** Adds the command. */
export function registerDeadline(program: Command, io: CliIo): void {
  program.command('deadline')
    .description('期限届满日 · the last day of a limit; the day of the event is not counted, an end on a day of rest moves to the next working day')
    .option('--from <date>', 'the day of the event, YYYY-MM-DD')
    .option('--limit <limit>', 'for example "5 working days", "60 days", "1 month", "8 office hours", "5个工作日"')
    .option('--calendar <calendar>', 'a jurisdiction (cn, gb-eaw) or a calendar file (*.json)', 'cn')
    .option('--before', 'count back from the day', false)
    .option('--no-roll', 'leave an end on a day of rest where it is')
    .option('--json', 'answer as JSON', false)
    .option('--explain', 'list each day, counted or skipped, and why', false)
    .option('--batch', 'read JSON lines {"from", "limit"} from stdin, answer each in order', false)
    .option('--policy-dir <dir>', 'instead of POLICY_DIR')
    .action((options: Options) => run(options, io));
}

async function run(options: Options, io: CliIo): Promise<void> {
  if (options.batch && (options.from !== undefined || options.limit !== undefined || options.explain)) {
    throw new UsageError('--batch takes its questions from stdin: leave out --from, --limit and --explain');
  }
  const { law, jurisdiction } = lawFor(options, io);
  if (options.batch) {
    const refused = await answerLines(io, { calendar: jurisdiction, before: options.before, roll: options.roll }, (asked) => answer(asked, law));
    if (refused > 0) throw new UsageError(`${refused} ${refused === 1 ? 'line' : 'lines'} could not be answered`);
    return;
  }
  const { from, limit, before, roll } = options;
  if (from === undefined || limit === undefined) throw new UsageError(`--${from === undefined ? 'from' : 'limit'} is missing`);
  if (options.explain && before) throw new UsageError('--explain: counting back has no list of days');
  const asked = { from, limit, calendar: jurisdiction, before, roll };
  const found = answer(asked, law);
  if ('field' in found) throw new UsageError(`--${found.field}: ${found.message}`);
  const explanation = options.explain ? explainDeadline(questionOf(asked), law) : undefined;
  if (options.json) return print(io, JSON.stringify(asJson(limit, found, explanation)));
  await print(io, `${found.due}${timeOf(found, law)}${found.provisional ? '  provisional 暂定' : ''}`);
  if (explanation !== undefined) await printExplanation(io, explanation);
}

/** The deadline of a question, or the field that is wrong with it. */
function answer(asked: Asked, law: Law): Deadline | WrongField {
  try {
    if (!isCivilDate(asked.from)) return { field: 'from', message: `"${asked.from}" is not a date of the form YYYY-MM-DD that exists` };
    return deadline(questionOf(asked), law);
  } catch (error) {
    if (error instanceof BadLimit) return { field: 'limit', message: error.message };
    if (error instanceof UnknownLaw) return { field: 'calendar', message: error.message };
    if (error instanceof OutsideCalendar) return { field: 'from', message: error.message };
    throw error;
  }
}

function questionOf({ from, limit, calendar, before, roll }: Asked): DeadlineQuestion {
  if (!isCivilDate(from)) throw new UsageError(`--from: "${from}" is not a date`);
  return { from, limit: parseLimit(limit), jurisdiction: calendar, direction: before ? 'before' : 'after', roll };
}

/** ` HH:MM` on the wall clock of the jurisdiction, where a limit ends at an hour; else nothing. */
function timeOf({ limit, jurisdiction, calendarVersion, dueAt }: Deadline, law: Law): string {
  if (limit.unit !== 'office-hour') return '';
  const minutes = Math.floor(wallClockAt(law.calendar(jurisdiction, calendarVersion).data.zone, dueAt).msOfDay / 60_000);
  return ` ${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

/** The law in force here; or, where a file is named, that calendar alone. @throws BadPolicy */
function lawFor({ calendar, policyDir }: Options, io: CliIo): { law: Law; jurisdiction: string } {
  if (!calendar.endsWith('.json')) return { law: loadLaw({ policyDir: policyDirOf(policyDir, io) }), jurisdiction: calendar };
  const data = readJson(calendar, CalendarData);
  const set = calendarSet([data]);
  return { law: lawFromVersions({ policies: [], calendars: [set] }, { policyVersion: '-', calendarVersion: set.version }), jurisdiction: data.jurisdiction };
}

function asJson(limit: string, found: Deadline, explanation: ClockExplanation | undefined): object {
  const { from, due, dueAt, provisional, direction, jurisdiction, calendarVersion } = found;
  return {
    from, limit, due, provisional, dueAt: new Date(dueAt).toISOString(), direction, calendar: jurisdiction, calendarVersion,
    ...(explanation === undefined ? {} : { explanation: { sentence: explanation.sentence, article: explanation.article, days: explanation.days } }),
  };
}

async function printExplanation(io: CliIo, explanation: ClockExplanation): Promise<void> {
  for (const line of ['', explanation.sentence.zh, explanation.sentence.en, '']) await print(io, line);
  for (const day of explanation.days) {
    const number = day.number === null ? '-' : String(day.number);
    const notice = day.notice === null ? '' : `  ${day.notice.number}`;
    await print(io, `${day.date}  ${number.padStart(5)}  ${day.reason.zh}  ${day.reason.en}${notice}${day.provisional ? '  provisional 暂定' : ''}`);
  }
}
