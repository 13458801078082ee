import type { CaseClock, CaseView } from '../domain/case-file';
import { civilDateAt, type CivilDate } from '../domain/civil-date';
import type { Law } from '../domain/clock';
import type { JsonObject } from '../domain/json';
import { limitText } from '../domain/limit';
import type { OrganTree } from '../domain/organs';
import { isStopped } from '../domain/record';
import { letterKinds, unprintable, type LetterFields, type LetterKind } from './kinds';

/** Why a letter cannot be written as asked, with the field to blame. */
export class CannotWrite extends Error {
  override readonly name = 'CannotWrite';
  constructor(readonly path: 'to' | 'toOrgan' | 'clock', message: string, readonly allowed: readonly string[] = []) {
    super(message);
  }
}

/** What fills a template: texts by name, sections that are there or not, lists. */
export type LetterContent = Readonly<Record<string, string | boolean | readonly Readonly<Record<string, string>>[] | Readonly<Record<string, string>>>>;

export interface LetterRequest {
  readonly kind: LetterKind;
  readonly view: CaseView;
  readonly fields: LetterFields;
  /** The organ whose letter it is. */
  readonly organ: string;
  readonly number: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** 2026-11-24 → 2026年11月24日 */
export function chineseDate(date: CivilDate): string {
  const [year, month, day] = date.split('-').map(Number);
  return `${year ?? 0}年${month ?? 0}月${day ?? 0}日`;
}

/**
 * Everything a letter says. The due date is the clock's own, read under the law the case is pinned to, and the article is that entry's.
 * @throws CannotWrite, UnknownLaw, UnknownOrgan
 */
export function letterContent({ kind, view, fields, organ, number, at }: LetterRequest, law: Law, organs: OrganTree): LetterContent {
  const due = limitOf(kind, view, fields.clock, law);
  return {
    ...Object.fromEntries(letterKinds[kind].own.map((name) => [name, forTemplate(fields[name])])),
    title: letterKinds[kind].title.zh, number, caseNumber: view.caseNumber, subject: printable(view.subject),
    to: addressee(kind, view, fields, organs), organ: organs.get(organ).title.zh, date: chineseDate(civilDateAt(at)), due: due ?? false,
  };
}

/** A list becomes numbered items, each line of a text is indented like a paragraph, what was left out is a section that is not there. */
const forTemplate = (value: string | readonly string[] | undefined) =>
  (typeof value === 'object' ? value.map((item, index) => ({ index: String(index + 1), item })) : value === undefined ? false : value.split(/\r?\n/).filter((line) => line.trim() !== '').join('\n　　'));

function addressee(kind: LetterKind, view: CaseView, fields: LetterFields, organs: OrganTree): string {
  if (fields.toOrgan !== undefined) {
    if (!organs.has(fields.toOrgan)) throw new CannotWrite('toOrgan', `no organ "${fields.toOrgan}"`);
    return organs.get(fields.toOrgan).title.zh;
  }
  if (fields.to !== undefined) return fields.to;
  switch (letterKinds[kind].addressee) {
    case 'public': return '社会公众';
    case 'named': throw new CannotWrite('to', 'name whom the letter is to');
    case 'complainant': return complainantOf(view);
  }
}

/** An anonymous complainant is answered without a name. */
function complainantOf(view: CaseView): string {
  const { complainant } = view.intake as JsonObject;
  if (complainant === undefined) throw new CannotWrite('to', 'the case has no complainant: name whom the letter is to');
  const name = (complainant as JsonObject)['name'];
  const shown = typeof name === 'string' ? printable(name) : '';
  return shown === '' ? '投诉人' : shown;
}

/** What somebody wrote into a form may hold characters that no letter can. */
const printable = (words: string): string => [...words].filter((character) => !unprintable.test(character)).join('');

/** The limit a letter names: its length, the day it ends, the article. */
function limitOf(kind: LetterKind, view: CaseView, wanted: string | undefined, law: Law): Readonly<Record<string, string>> | undefined {
  const rule = letterKinds[kind].limit;
  if (rule === 'never') {
    if (wanted !== undefined) throw new CannotWrite('clock', 'this letter names no limit');
    return undefined;
  }
  const clock = chooseClock(view, wanted, rule === 'always');
  if (clock === undefined) return undefined;
  const { spec, reading } = clock;
  if (reading === null || reading.due === null) throw new CannotWrite('clock', `the clock "${clock.id}" has no due date now`);
  // Counting that began anew has spent what was granted before.
  const since = spec.events.slice(Math.max(0, spec.events.findLastIndex((event) => event.kind === 'start' || event.kind === 'restart')));
  const [start] = since;
  const startedOn = start?.kind === 'start' || start?.kind === 'restart' ? (start.kind === 'start' ? start.on : undefined) ?? civilDateAt(start.at) : undefined;
  const entry = law.limit(spec.limitId, reading.policyVersion, startedOn);
  const extensions = since.flatMap((event) => (event.kind === 'extend' ? [limitText(event.by).zh] : []));
  if (kind === 'extension' && extensions.length === 0) throw new CannotWrite('clock', `the clock "${clock.id}" has not been extended`);
  return {
    limitTitle: entry.title.zh,
    limit: limitText(spec.override ?? entry.limit).zh, extension: extensions.join('、'),
    startedOn: startedOn === undefined ? '' : chineseDate(startedOn), dueOn: chineseDate(reading.due),
    source: entry.article.source, article: entry.article.zh,
    provisional: reading.provisional ? '（该年度放假安排尚未公布，公布后日期如有变动另行告知）' : '',
  };
}

/** The named clock, else the only running one of the case as a whole. */
function chooseClock(view: CaseView, wanted: string | undefined, required: boolean): CaseClock | undefined {
  const running = view.clocks.filter((clock) => !isStopped(clock.spec));
  const ids = running.map((clock) => clock.id);
  if (wanted !== undefined) {
    const named = running.find((clock) => clock.id === wanted);
    if (named === undefined) throw new CannotWrite('clock', `no running clock "${wanted}"`, ids);
    return named;
  }
  const ofSteps = new Set(view.openSteps.map((step) => step.id));
  const ofCase = running.filter((clock) => !ofSteps.has(clock.id));
  const candidates = ofCase.length > 0 ? ofCase : running;
  if (candidates.length > 1 || (required && candidates.length === 0)) {
    throw new CannotWrite('clock', candidates.length === 0 ? 'the case has no running clock' : 'several clocks run: name one', ids);
  }
  return candidates[0];
}
