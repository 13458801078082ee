import { buildExport, type CaseFile } from '../../evidence/build';
import { verifyExport } from '../../evidence/verify';
import { readZip, writeZip } from '../../evidence/zip';
import { sha256 } from '../../crypto/hash';
import { jsonFile } from '../../evidence/format';
import { smallCase } from './small-case';

const whole = (file: CaseFile = smallCase()): Buffer => buildExport(file, { redacted: false });
const statuses = (bytes: Uint8Array): string[] => verifyExport(bytes).checks.map(({ check, status }) => `${check} ${status}`);

/** An export in which somebody has changed files and then made manifest and container fit again. */
function repacked(bytes: Buffer, change: (name: string, content: string) => string): Buffer {
  const [manifest, ...files] = readZip(bytes).entries.map((entry) => ({ name: entry.name, text: Buffer.from(entry.data).toString('utf8'), data: entry.data }));
  const changed = files.map(({ name, text, data }) => {
    const after = change(name, text);
    return { name, data: after === text ? data : Buffer.from(after, 'utf8') };
  });
  const list = changed.map(({ name, data }) => ({ name, bytes: data.length, sha256: sha256(data) }));
  const content = { ...JSON.parse(change('manifest.json', manifest?.text ?? '')) as object, files: list };
  return writeZip([{ name: 'manifest.json', data: isWellFormed(content) ? jsonFile(content) : Buffer.from(JSON.stringify(content), 'utf8') }, ...changed]);
}

test('an export that nobody touched holds, whole and redacted', () => {
  const everything = ['container holds', 'manifest holds', 'files holds', 'law holds', 'chain holds', 'seal holds', 'roots holds', 'destruction none', 'clocks holds', 'documents holds'];
  expect(statuses(whole())).toEqual(everything);
  expect(statuses(buildExport(smallCase(), { redacted: true }))).toEqual(everything);
  expect(whole()).toEqual(whole());
});

test('a redacted export shows nothing confidential', () => {
  const text = buildExport(smallCase(), { redacted: true }).toString('utf8');
  for (const secret of ['张三', '垃圾无人清运', '照片', 'salt']) expect(text).not.toContain(secret);
  expect(whole().toString('utf8')).toContain('张三');
});

test('every single byte flip is found, and a place is named', () => {
  const bytes = whole();
  const missed: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << at % 8);
    const report = verifyExport(flipped);
    if (report.holds || report.first === null || !/byte \d+/.test(report.first.place)) missed.push(at);
  }
  expect(missed).toEqual([]);
}, 120_000);

test('a byte more or less, at any end, is found', () => {
  const bytes = whole();
  for (const other of [bytes.subarray(1), bytes.subarray(0, -1), Buffer.concat([bytes, Buffer.from([0])]), Buffer.concat([Buffer.from([0]), bytes]), Buffer.alloc(0), Buffer.from('not a zip')]) {
    expect(verifyExport(other)).toMatchObject({ holds: false, first: { check: 'container' } });
  }
});

test('a flip inside an event names the file by its bytes, and the event by its chain', () => {
  const bytes = whole();
  const at = bytes.indexOf('"facts":{"outcome":"done"') + 20;
  bytes[at] = 'D'.charCodeAt(0);
  const report = verifyExport(bytes);
  expect(report.first?.place).toMatch(/^byte \d+ \(events.jsonl\)$/);
  expect(report.checks.find((check) => check.check === 'chain')).toMatchObject({ status: 'fails', place: 'event 5' });
});

const isWellFormed = (value: unknown): boolean => !JSON.stringify(value).includes('\\ud800');

/** What was changed, how (in the text of which file), and where the verification must find it. */
const forgeries: readonly (readonly [string, (name: string, text: string) => string, string, string | RegExp])[] = [
  ['a fact of an event', (name, text) => (name === 'events.jsonl' ? text.replace('"outcome":"done"', '"outcome":"other"') : text), 'chain', 'event 5'],
  ['a confidential detail', (name, text) => (name === 'events.jsonl' ? text.replace('张三', '李四') : text), 'chain', 'event 1, confidential part'],
  ['an event left out', (name, text) => (name === 'events.jsonl' ? text.split('\n').filter((_, index) => index !== 2).join('\n') : text), 'chain', 'event 3'],
  ['the last event cut off', (name, text) => (name === 'events.jsonl' ? `${text.split('\n').slice(0, 4).join('\n')}\n` : text), 'chain', 'event 5'],
  ['a confidential part hidden', (name, text) => (name === 'events.jsonl' ? text.replace(/,"shown":\{"detail":\{"complainant"[^}]*\},"salt":"salt-1"\}/, '') : text), 'chain', 'event 1, confidential part'],
  ['a line that is no event', (name, text) => (name === 'events.jsonl' ? `${text}{}\n` : text), 'chain', 'events.jsonl line 6'],
  ['the lead organ of the view', (name, text) => (name === 'case.json' ? text.replace('"leadOrgan":"yz-complaints"', '"leadOrgan":"yz-water"') : text), 'seal', 'case.json view'],
  ['the subject of the view', (name, text) => (name === 'case.json' ? text.replace('垃圾无人清运', '无') : text), 'seal', 'case.json view, confidential part'],
  ['a due date', (name, text) => (name === 'case.json' ? text.replace('"due":"2026-10-02"', '"due":"2026-10-12"') : text), 'seal', 'case.json view'],
  ['the length of a limit', (name, text) => (name.startsWith('law/policy') ? text.replace('"amount":5', '"amount":9') : text), 'law', /^law\/policy-/],
  ['a weekend of the calendar', (name, text) => (name.startsWith('law/calendar') ? text.replace('"weekend":[0,6]', '"weekend":[0]') : text), 'law', /^law\/calendar-/],
  ['white space in a file', (name, text) => (name === 'case.json' ? ` ${text}` : text), 'files', 'case.json'],
  ['the head of the manifest', (name, text) => (name === 'manifest.json' ? text.replace('"seq":5},"redacted"', '"seq":6},"redacted"').replace(/"head":\{"hash":"([0-9a-f]{64})","seq":5\}/, '"head":{"hash":"$1","seq":6}') : text), 'chain', 'event 6'],
  ['when it was sealed', (name, text) => (name === 'manifest.json' ? text.replace(/"sealedAt":\d+/, '"sealedAt":1') : text), 'roots', 'manifest.json seal'],
  ['the seal taken off', (name, text) => (name === 'manifest.json' ? text.replace(/"seal":\{.*?\}\},/, '"seal":null,') : text), 'seal', 'manifest.json seal'],
  ['a root', (name, text) => (name === 'manifest.json' ? text.replace('"cases":2', '"cases":3') : text), 'roots', 'root of 2026-09-25'],
  ['the way to the root', (name, text) => (name === 'manifest.json' ? text.replace(/"path":\["[0-9a-f]{4}/, '"path":["0000') : text), 'roots', 'root of 2026-09-25'],
  ['the document', (name, text) => (name.startsWith('documents/') ? '另一张' : text), 'documents', /^documents\//],
  ['the document taken off the list', (name, text) => (name === 'manifest.json' ? text.replace(/"documents":\[.*?\]/, '"documents":[]') : text), 'documents', /^documents\//],
  ['passed off as redacted', (name, text) => (name === 'manifest.json' ? text.replace('"redacted":false', '"redacted":true').replace('"included":true', '"included":false') : text), 'documents', /^documents\//],
];

test.each(forgeries)('repacked so that the container fits: %s', (_, change, check, place) => {
  const bytes = repacked(whole(), change);
  const report = verifyExport(bytes);
  expect(bytes.equals(whole())).toBe(false);
  expect(report.first).toMatchObject({ check, place: typeof place === 'string' ? place : expect.stringMatching(place) as string });
});

/** Every value inside a JSON value, by its path. */
function* pathsIn(value: unknown, path: readonly (string | number)[] = []): Generator<readonly (string | number)[]> {
  if (path.length > 0) yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) yield* pathsIn((value as Record<string, unknown>)[key], [...path, key]);
}

/** A copy with another value (undefined: none) at a path. */
function withAt(value: unknown, [key, ...rest]: readonly (string | number)[], put: unknown): unknown {
  if (key === undefined) return put;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<string | number, unknown>;
  copy[key] = withAt(copy[key], rest, put);
  if (copy[key] === undefined && !Array.isArray(value)) delete copy[key];
  return copy;
}

const wrongValues: readonly unknown[] = [undefined, null, -1, 7, '', '2026-01-01', [], {}, [[]], '\ud800'];

test.each(['case.json', 'events.jsonl', 'manifest.json'])('whatever value of %s is replaced or left out, it is found, and nothing breaks the verification', (file) => {
  const bytes = whole();
  const before = readZip(bytes).entries.find((entry) => entry.name === file)?.data ?? Buffer.alloc(0);
  const lines = Buffer.from(before).toString('utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as unknown);
  const missed: string[] = [];
  let tried = 0;
  lines.forEach((line, number) => {
    for (const path of pathsIn(line)) {
      // The list of files is made anew by the forger.
      if (file === 'manifest.json' && path[0] === 'files') continue;
      for (const put of wrongValues) {
        const forged = withAt(line, path, put);
        if (JSON.stringify(forged) === JSON.stringify(line)) continue;
        // An export without its roots is what one made before the first root is; see the next test.
        if (file === 'manifest.json' && path.join() === 'roots' && Array.isArray(put) && put.length === 0) continue;
        const text = lines.map((other, index) => `${JSON.stringify(index === number ? forged : other)}\n`).join('');
        tried++;
        const report = verifyExport(repacked(bytes, (name, content) => (name === file ? text : content)));
        if (report.holds || report.first === null || report.first.place === '') missed.push(`${number} ${path.join('.')} = ${JSON.stringify(put)}`);
      }
    }
  });
  expect(missed).toEqual([]);
  expect(tried).toBeGreaterThan(200);
}, 120_000);

test('an export whose roots were left out says that none covers it, and fails whoever holds a published one', () => {
  const bytes = whole({ ...smallCase(), anchors: [] });
  expect(verifyExport(bytes).checks.find((check) => check.check === 'roots')?.status).toBe('none');
  expect(verifyExport(bytes, { published: 'a'.repeat(64) }).first).toMatchObject({ check: 'roots' });
});

test('a due date changed in a case that is not sealed yet is computed again and found', () => {
  const { view, ...file } = smallCase();
  const [clock] = view.clocks;
  if (clock?.reading == null) throw new Error('the case has a clock');
  const forged = { ...clock, reading: { ...clock.reading, due: '2026-10-12' as never } };
  const { closedAt: _closed, ...open } = view;
  const bytes = whole({ ...file, seal: null, anchors: [], view: { ...open, status: 'open', clocks: [forged] } });
  expect(verifyExport(bytes).first).toMatchObject({ check: 'clocks', place: 'clock answer, due', what: { en: 'the case holds "2026-10-12", computed again it is "2026-10-02"' } });
});

test('a pause slipped into a clock is not in the chain, and is found even where the dates fit it', () => {
  const { view, ...file } = smallCase();
  const [clock] = view.clocks;
  if (clock === undefined) throw new Error('the case has a clock');
  const [start] = clock.spec.events;
  const spec = { ...clock.spec, events: clock.spec.events.map((event) => (event === start ? { ...event, at: event.at - 86_400_000 } : event)) };
  const { closedAt: _closed, ...open } = view;
  const bytes = whole({ ...file, seal: null, anchors: [], view: { ...open, status: 'open', clocks: [{ ...clock, spec }] } });
  expect(verifyExport(bytes).first).toMatchObject({ check: 'clocks', place: 'clock answer, event 1 (start)' });
});

test('held against the root that was made public: the right one holds, another does not', () => {
  const [root] = verifyExport(whole()).roots;
  expect(verifyExport(whole(), { published: root?.hash ?? '' }).holds).toBe(true);
  expect(verifyExport(whole(), { published: '0'.repeat(64) }).first).toMatchObject({ check: 'roots', place: 'manifest.json roots' });
});
