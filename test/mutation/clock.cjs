/**
 * Changes a rule of domain/clock at a time and runs the tests of the clock: a change that no test notices is a rule that nothing holds.
 * Takes some minutes, so it is a run of its own: `node test/mutation/clock.cjs [parts of names]`. Ends with 1 when a change survives.
 */
const fs = require('node:fs');
const path = require('node:path');
const runMutations = require('./run.cjs');

/** File, what is lost, what stands there, what stands there instead. */
const changes = [
  ['count.ts', 'stretches that overlap are one', 'last !== undefined && next.from <= last.to', 'false'],
  ['count.ts', 'a limit used up at the instant of the pause has ended', 'edge === 1 ? reached < start : reached <= start', 'reached < start'],
  ['count.ts', 'what rests without an end has no date', 'if (stretch.to === Infinity) return null;\n    target', 'if (stretch.to === Infinity) break;\n    target'],
  ['count.ts', 'a pause is taken off as long as it was', 'measure.rank(stretch.to - edge) - measure.rank(start - edge)', 'measure.rank(stretch.to) - measure.rank(start - edge)'],
  ['count.ts', 'a pause before the start is taken off only from the start', 'Math.max(stretch.from, from + edge)', 'stretch.from'],
  ['count.ts', 'months that count the day of the event end on the eve', 'from.anchor ?? from.day', 'from.day'],
  ['count.ts', 'a reminder so many days before leaves so many days', 'counted - amount + 1', 'counted - amount'],
  ['count.ts', 'the due day is not one of the days before it', 'const eve = from.day - 1;', 'const eve = from.day;'],
  ['count.ts', 'what rested is not among the days before', 'if (bare <= measure.rank(stretch.from - edge)) break;', 'break;'],
  ['count.ts', 'what remains leaves out what rested', 'counted -= measure.rank(Math.min(stretch.to - edge, point))', 'counted -= measure.rank(Math.min(stretch.to, point))'],
  ['count.ts', 'an end on a day of rest moves past a pause that follows', 'if (rolled < stretch.from || rolled >= stretch.to) continue;', 'continue;'],
  ['count.ts', 'the day of the resumption is a day to move to', 'calendar.isWorkingDay(stretch.to) ? stretch.to :', ''],
  ['lay-out.ts', 'a recalculated clock goes by its new versions', 'state.recalculated ?? spec', 'spec'],
  ['lay-out.ts', 'the day of the event may be told by its date', 'state.start.on === null ? calendar.dayAt(state.start.at) : toDayNumber(state.start.on)', 'calendar.dayAt(state.start.at)'],
  ['lay-out.ts', 'hours of a day known by its date run from its end', 'calendar.dayAt(at) === eventDay ? at : calendar.startOf(eventDay + 1)', 'at'],
  ['lay-out.ts', 'the day of the event is not counted', ': { day: eventDay, instant };', ': { day: eventDay - 1, instant };'],
  ['lay-out.ts', 'the cap counts from the trigger', 'advance(calendar, start, entry.cap, excluded)', 'advance(calendar, partEnds[0] ?? start, entry.cap, excluded)'],
  ['lay-out.ts', 'the cap draws in', 'if (capped) end = cap;', ''],
  ['lay-out.ts', 'an entry may leave an end on a day of rest', 'const roll = entry.rollToWorkingDay && !hours;', 'const roll = !hours;'],
  ['lay-out.ts', 'the last day is whole', 'calendar.startOf(dueDay + 1);\n', 'calendar.startOf(dueDay);\n'],
  ['lay-out.ts', 'the day of the resumption counts', 'pause.to === null ? Infinity : calendar.dayAt(pause.to)', 'pause.to === null ? Infinity : calendar.dayAt(pause.to) + 1'],
  ['lay-out.ts', 'both ends of a hearing do not count', 'toDayNumber(to) + 1', 'toDayNumber(to)'],
  ['lay-out.ts', 'an extension in the same unit adds up', 'last?.unit === by.unit', 'false'],
  ['lay-out.ts', 'one part in working days makes the date provisional', "parts.some((part) => part.unit === 'working-day'", "parts.every((part) => part.unit === 'working-day'"],
  ['lay-out.ts', 'the first day counted may be the provisional one', '!calendar.isPublished(Math.min(first, dueDay)) || ', ''],
  ['lay-out.ts', 'the act may be told by its date', 'stop.on === null ? layout.calendar.dayAt(stop.at) : toDayNumber(stop.on)', 'layout.calendar.dayAt(stop.at)'],
  ['lay-out.ts', 'what is done does not rest', 'layout.state.stop === null && openPause', 'openPause'],
  ['fold.ts', 'a batch goes on from the one before', 'return events.reduce(step, from);', 'return events.reduce(step, NOT_STARTED);'],
  ['fold.ts', 'an idle event is named by its place in the whole', 'index: before.count', 'index: before.idle.length'],
  ['fold.ts', 'the last event is the latest', 'Math.max(before.lastAt, event.at)', 'event.at'],
  ['fold.ts', 'a clock begins once', "return state.start === null ? null : 'the clock has begun already'", 'return null'],
  ['fold.ts', 'what is done is not paused', "if (state.stop !== null) return 'the act is done';", ''],
  ['fold.ts', 'a resumption is not before its pause', "return event.at < paused.from ? 'it is before the pause' : null;", 'return null;'],
  ['fold.ts', 'the first stop counts', "return state.stop === null ? null : 'the act is done already'", 'return null'],
  ['fold.ts', 'a restart spends the extensions', 'extensions: [], pauses: [], stop: null', 'pauses: [], stop: null'],
  ['fold.ts', 'a restart spends the pauses', 'extensions: [], pauses: [], stop: null', 'extensions: [], stop: null'],
  ['fold.ts', 'a restart undoes the stop', 'extensions: [], pauses: [], stop: null', 'extensions: [], pauses: []'],
  ['clock.ts', 'overdue when it was paused is overdue', "  if (reading.paused) return 'paused';\n", ''],
  ['clock.ts', 'the first instant after the last day is overdue', 'now >= reading.dueAt)', 'now > reading.dueAt)'],
  ['clock.ts', 'due soon from the first instant of its day', 'now >= reading.dueSoonAt', 'now > reading.dueSoonAt'],
  ['clock.ts', 'nothing less than nothing remains', 'Math.max(left, 0)', 'left'],
  ['clock.ts', 'what remains has today in it', 'Math.max(day - 1, start.day)', 'Math.max(day, start.day)'],
  ['clock.ts', 'a pause holds what remains', '(state.stop === null ? openPause(state)?.from : undefined) ?? Infinity', 'Infinity'],
  ['clock.ts', 'done on the last day is in time', 'day <= layout.dueDay', 'day < layout.dueDay'],
  ['clock.ts', 'hours are late by the instant', "layout.parts.at(-1)?.unit === 'office-hour' && stop.on === null ? stop.at <= layout.dueAt : ", ''],
  ['clock.ts', 'nothing is due before the day of the event', 'const day = Math.max(position.day, earliest);', 'const day = position.day;'],
  ['clock.ts', 'an entry may say itself what is soon', 'if (layout.entry.dueSoon !== null) return', 'if (false) return'],
  ['clock.ts', 'so many extensions and no more', 'layout.state.extensions.length >= extension.times', 'layout.state.extensions.length > extension.times'],
  ['clock.ts', 'an extension has a longest', 'daysOf(layout, by) > daysOf(layout, extension.max)', 'false'],
  ['clock.ts', 'no rungs while it rests', 'paused || stopped ? []', 'stopped ? []'],
  ['clock.ts', 'rungs stand in the order of time', '.sort((a, b) => a.at - b.at)', ''],
  ['deadline.ts', 'a deadline is provisional by its last day', '!calendar.isPublished(start + 1, due)', '!calendar.isPublished(start, start)'],
  ['deadline.ts', 'a deadline moves off a day of rest only where asked', 'roll ? (rollForward(calendar, end, []) ?? end) : end', 'rollForward(calendar, end, []) ?? end'],
  ['verify.ts', 'every field is compared', 'return same(recorded, again) ? []', "return field === 'rungs' || same(recorded, again) ? []"],
  ['verify.ts', 'a field that is not there is a difference', '[...keys].every((key) => key in left && key in right && ', '[...keys].every((key) => '],
  ['recalculate.ts', 'a clock that rests is reached as well', '!before.paused && sameDates(before, after)', 'sameDates(before, after)'],
  ['recalculate.ts', 'a stopped clock keeps its dates', 'state.start === null || state.stop !== null', 'state.start === null'],
  ['recalculate.ts', 'a date made certain is recalculated', ' && a.provisional === b.provisional', ''],
  ['recalculate.ts', 'a new limit reaches running cases only where it says so', "inForce?.transition === 'running-cases' && ", 'inForce !== null && '],
  ['explain-days.ts', 'the end before the move is the last counted', "span.unit === 'working-day' && !nature.working", 'false'],
  ['explain-days.ts', 'a pause is told before the day of rest it covers', 'if (lost !== null) return { ...lost, amount: 0 };\n  if (span.unit', 'if (span.unit'],
  ['explain-days.ts', 'a provisional day says so', 'provisional: nature.provisional', 'provisional: false'],
  ['explain.ts', 'days that did not count are told by reason', "day.counted || (day.why", "(day.why"],
];

const at = (file, from) => fs.readFileSync(path.join(__dirname, '..', '..', file), 'utf8').indexOf(from);

runMutations(changes.map(([name, lost, from, to]) => {
  const file = `domain/clock/${name}`;
  return { file, name: lost, from, to, at: at(file, from) };
}), { testMatch: '<rootDir>/test/clock/*.test.ts', script: 'test/mutation/clock.cjs' });
