import { buildExport } from '../../evidence/build';
import { jsonFile } from '../../evidence/format';
import { reportLines } from '../../evidence/report';
import { verifyExport } from '../../evidence/verify';
import { readZip, writeZip } from '../../evidence/zip';
import { sha256 } from '../../crypto/hash';
import type { CaseFile } from '../../evidence/build';
import { smallCase } from './small-case';

/** An export whose files somebody has changed, with a manifest and a container that fit again; the manifest itself is changed last. */
function forged(file: CaseFile, change: (name: string, content: string) => string, manifestOf: (manifest: Record<string, unknown>) => Record<string, unknown> = (manifest) => manifest): Buffer {
  const [manifest, ...files] = readZip(buildExport(file, { redacted: false })).entries;
  const changed = files.map(({ name, data }) => ({ name, data: Buffer.from(change(name, Buffer.from(data).toString('utf8')), 'utf8') }));
  const list = changed.map(({ name, data }) => ({ name, bytes: data.length, sha256: sha256(data) }));
  return writeZip([{ name: 'manifest.json', data: jsonFile(manifestOf({ ...JSON.parse(Buffer.from(manifest?.data ?? []).toString('utf8')) as object, files: list })) }, ...changed]);
}

/** The same case, still open: nothing but its own chain speaks for it. */
function openCase(): CaseFile {
  const { closedAt: _closedAt, outcome: _outcome, ...view } = smallCase().view;
  return { ...smallCase(), seal: null, salt: null, anchors: [], view: { ...view, status: 'open' } };
}
const inCase = (change: (text: string) => string) => (name: string, text: string): string => (name === 'case.json' ? change(text) : text);

describe('a file that was made to end the verifier is reported like any other', () => {
  const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

  it.each<[string, () => Uint8Array]>([
    ['seventy thousand empty files', () => {
      const header = Buffer.alloc(31);
      header.writeUInt32LE(0x04034b50, 0);
      header.writeUInt16LE(1, 26);
      return Buffer.concat(Array.from({ length: 70_000 }, (_each, index) => { const one = Buffer.from(header); one[30] = 33 + (index % 90); return one; }));
    }],
    ['brackets alone for evidence', () => forged(openCase(), inCase((text) => text.replace('"evidence":[', `"evidence":[${nested(200_000)},`)))],
    ['brackets alone in the law', () => forged(openCase(), (name, text) => (name.startsWith('law/policy') ? `${nested(200_000)}\n` : text))],
    ['brackets alone for an event', () => forged(openCase(), (name, text) => (name === 'events.jsonl' ? text.replace('"detail":{"complainant":"张三"}', `"detail":${nested(200_000)}`) : text))],
    ['a clock of a limit nobody knows', () => forged(openCase(), (name, text) => (name.startsWith('law/') ? text : text.replaceAll('toy.answer', 'toy.nothing')))],
    ['a clock begun at no time', () => forged(openCase(), inCase((text) => text.replace(/("events":\[\{)"at":\d+/, '$1"at":1e300')))],
    ['a clock of things that are no readings', () => forged(openCase(), inCase((text) => text.replace(/"reading":\{.*?\},"rules"/, '"reading":{"rungs":[]},"rules"')))],
  ])('%s', (_what, make) => {
    const report = verifyExport(make());
    expect(report.holds).toBe(false);
    expect(report.first?.place).toBeTruthy();
  });
});

describe('a file that says two things', () => {
  it('by a name that objects have of themselves', () => {
    const report = verifyExport(forged(smallCase(), inCase((text) => text.replace('"view":{', '"view":{"__proto__":{"subject":"x"},'))));
    expect(report.holds).toBe(false);
  });

  it('by a fact that stands twice in an event', () => {
    const report = verifyExport(forged(smallCase(), (name, text) => (name === 'events.jsonl' ? text.replace('"facts":{"outcome":"done"}', '"facts":{"outcome":"other"},"facts":{"outcome":"done"}') : text)));
    expect(report).toMatchObject({ holds: false, first: { check: 'chain', place: 'events.jsonl line 5' } });
  });

  it('by white space in an event', () => {
    const report = verifyExport(forged(smallCase(), (name, text) => (name === 'events.jsonl' ? text.replace('"facts":{"outcome":"done"}', '"facts": {"outcome":"done"}') : text)));
    expect(report).toMatchObject({ holds: false, first: { check: 'chain', place: 'events.jsonl line 5' } });
  });
});

it('a name in the file never writes a line of the report, nor turns one round', () => {
  const verdict = 'x\n TS-2026-000001 全部成立 everything holds\u001b[1A\u202e';
  const report = verifyExport(writeZip([{ name: 'manifest.json', data: jsonFile({}) }, { name: verdict, data: Buffer.alloc(0) }, { name: verdict, data: Buffer.alloc(0) }]));
  const lines = reportLines(report);
  expect(report.first?.place).toContain('x');
  for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  expect(lines.filter((line) => line.startsWith(' TS-2026'))).toEqual([]);
});

it('a case exported by a newer version says so', () => {
  const report = verifyExport(forged(smallCase(), (_name, text) => text, (manifest) => ({ ...manifest, version: 2, later: true })));
  expect(report).toMatchObject({ holds: false, first: { check: 'manifest', place: 'manifest.json version' } });
  expect(report.first?.what.en).toContain('newer');
});
