import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { main } from '../../cli/main';

interface Ran { readonly code: number; readonly out: string; readonly err: string }

/** Runs a command line in this process. */
async function wenze(args: readonly string[], { stdin = '', env = {} }: { stdin?: string; env?: Record<string, string> } = {}): Promise<Ran> {
  const said = { out: '', err: '' };
  const into = (stream: 'out' | 'err'): Writable => new Writable({ write: (chunk: Buffer, _encoding, done) => { said[stream] += chunk.toString(); done(); } });
  const code = await main(args, { stdin: Readable.from([stdin]), stdout: into('out'), stderr: into('err'), env });
  return { code, ...said };
}

const lines = (text: string): unknown[] => text.trimEnd().split('\n').map((line) => JSON.parse(line) as unknown);

describe('wenze deadline', () => {
  it('gives the last day: five working days from a holiday, across the National Day week', async () => {
    // 25–27 September 2026 are Mid-autumn Festival, 1–7 October National Day: 28, 29, 30 September, 8, 9 October are counted.
    expect(await wenze(['deadline', '--from', '2026-09-25', '--limit', '5 working days'])).toEqual({ code: 0, out: '2026-10-09\n', err: '' });
  });
  it('answers as JSON', async () => {
    const { code, out } = await wenze(['deadline', '--from', '2026-09-25', '--limit', '5 working days', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ from: '2026-09-25', limit: '5 working days', due: '2026-10-09', provisional: false, dueAt: '2026-10-09T16:00:00.000Z', calendar: 'cn' });
  });
  it('explains each day, with the holiday by name and its notice', async () => {
    const { out } = await wenze(['deadline', '--from', '2026-02-10', '--limit', '5 working days', '--explain', '--json']);
    const { explanation } = JSON.parse(out) as { explanation: { sentence: { zh: string }; days: { date: string; counted: boolean; why: string; reason: { zh: string }; notice: { number: string } | null }[] } };
    const day = (date: string) => explanation.days.find((each) => each.date === date);
    expect(day('2026-02-10')).toMatchObject({ counted: false, why: 'event-day' });
    expect(day('2026-02-14')).toMatchObject({ counted: true, why: 'counted', reason: { zh: '春节调休上班' }, notice: { number: '国办发明电〔2025〕7号' } });
    expect(day('2026-02-17')).toMatchObject({ counted: false, why: 'holiday', reason: { zh: '春节' }, notice: { number: '国办发明电〔2025〕7号' } });
    expect(explanation.days.filter((each) => each.counted)).toHaveLength(5);
    expect(explanation.sentence.zh).toContain('最后一日为2026年2月24日');
    const { out: words } = await wenze(['deadline', '--from', '2026-02-10', '--limit', '5 working days', '--explain']);
    expect(words.split('\n')[0]).toBe('2026-02-24');
    expect(words).toMatch(/2026-02-14\s+4 {2}春节调休上班/);
  });
  it('marks a date in an unpublished year as provisional', async () => {
    expect((await wenze(['deadline', '--from', '2098-12-20', '--limit', '3 working days'])).out).toContain('provisional');
  });
  it('counts back, and leaves the end on a day of rest where asked', async () => {
    // 24, 23, 22, 21 September and the make-up Sunday of 20 September.
    expect((await wenze(['deadline', '--from', '2026-09-25', '--limit', '5 working days', '--before'])).out).toBe('2026-09-20\n');
    expect((await wenze(['deadline', '--from', '2026-09-01', '--limit', '1 month', '--no-roll'])).out).toBe('2026-10-01\n');
    expect((await wenze(['deadline', '--from', '2026-09-01', '--limit', '1 month'])).out).toBe('2026-10-08\n');
  });
  it('gives the hour at which a limit in office hours ends, on the clock of the jurisdiction', async () => {
    // 11 March 9–12, 13–18; in England 30 March is the Monday after the clocks went forward.
    expect((await wenze(['deadline', '--from', '2026-03-10', '--limit', '8 office hours'])).out).toBe('2026-03-11 18:00\n');
    expect((await wenze(['deadline', '--from', '2026-03-27', '--limit', '5 office hours', '--calendar', 'gb-eaw'])).out).toBe('2026-03-30 14:00\n');
    // Back from the start of 25 September: 18, 17, 16, 15, 14 on the 24th.
    expect((await wenze(['deadline', '--from', '2026-09-25', '--limit', '4 office hours', '--before'])).out).toBe('2026-09-24 14:00\n');
  });
  it('takes another calendar', async () => {
    expect((await wenze(['deadline', '--from', '2026-09-25', '--limit', '5 working days', '--calendar', 'gb-eaw'])).out).toBe('2026-10-02\n');
  });
  it.each([
    ['an unknown unit', ['--from', '2026-09-25', '--limit', '5 fortnights'], /--limit: .*fortnights/],
    ['a negative number', ['--from', '2026-09-25', '--limit=-5 days'], /--limit: .*-5/],
    ['a day that does not exist', ['--from', '2026-02-30', '--limit', '5 days'], /--from: .*2026-02-30/],
    ['an unknown calendar', ['--from', '2026-09-25', '--limit', '5 days', '--calendar', 'moon'], /--calendar: .*moon/],
    ['a limit beyond the tables', ['--from', '2099-12-01', '--limit', '250 working days'], /--from: .*2099/],
    ['a day before the tables', ['--from', '0001-01-01', '--limit', '1 day'], /--from: .*0001-01-02 lies outside/],
    ['a day beyond all dates', ['--from', '9999-12-31', '--limit', '1 day'], /--from: .* the date lies outside/],
    ['a day before all dates', ['--from', '0000-01-01', '--limit', '1 day', '--before'], /--from: .* the date lies outside/],
    ['a policy directory there is not', ['--from', '2026-09-25', '--limit', '5 days', '--policy-dir', 'no/such/place'], /no\/such\/place: there is no such directory/],
    ['no limit', ['--from', '2026-09-25'], /--limit is missing/],
    ['an option there is not', ['--until', '2026-09-25'], /--until/],
  ])('refuses %s, naming it', async (_name, args, message) => {
    const { code, out, err } = await wenze(['deadline', ...args]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(message);
  });
});

describe('wenze deadline --batch', () => {
  it('answers line by line in order, with these fields and no other', async () => {
    const stdin = '{"from":"2026-09-25","limit":"5 working days"}\n\n{"from":"2025-01-31","limit":"1 month"}\r\n{"from":"2026-09-25","limit":"5个工作日","calendar":"gb-eaw"}';
    const { code, out } = await wenze(['deadline', '--batch'], { stdin });
    expect(code).toBe(0);
    expect(out).toBe([
      '{"from":"2026-09-25","limit":"5 working days","due":"2026-10-09","provisional":false}',
      '{"from":"2025-01-31","limit":"1 month","due":"2025-02-28","provisional":false}',
      '{"from":"2026-09-25","limit":"5个工作日","calendar":"gb-eaw","due":"2026-10-02","provisional":false}', '',
    ].join('\n'));
  });
  it('goes on after a wrong line, names line and field, and ends with 1', async () => {
    const stdin = ['{"from":"2026-02-30","limit":"5 days"}', '{"from":"2026-09-25"}', 'x', '{"from":"2026-09-25","limit":"5 days","lmit":1}', '{"from":"2026-09-28","limit":"1 day"}'].join('\n');
    const { code, out, err } = await wenze(['deadline', '--batch'], { stdin });
    expect(code).toBe(1);
    expect(lines(out)).toMatchObject([
      { line: 1, field: 'from' }, { line: 2, field: 'limit', error: 'is missing' }, { line: 3, field: 'the line' }, { line: 4, field: 'lmit' },
      { from: '2026-09-28', limit: '1 day', due: '2026-09-29', provisional: false },
    ]);
    expect(err).toContain('line 2: limit: is missing');
  });
  it('says of a line that is JSON and no question what one looks like', async () => {
    const { out } = await wenze(['deadline', '--batch'], { stdin: '[]\nnull\n{"from":"2026-09-25","limit":"5 days","before":"yes"}' });
    expect(lines(out)).toEqual([
      { line: 1, field: 'the line', error: 'is not an object of the form {"from": …, "limit": …}' },
      { line: 2, field: 'the line', error: 'is not an object of the form {"from": …, "limit": …}' },
      { line: 3, field: 'before', error: 'is neither true nor false' },
    ]);
  });
  it('reads a file that begins with the mark of Windows editors', async () => {
    expect(await wenze(['deadline', '--batch'], { stdin: '\uFEFF{"from":"2026-09-28","limit":"1 day"}\r\n' }))
      .toEqual({ code: 0, out: '{"from":"2026-09-28","limit":"1 day","due":"2026-09-29","provisional":false}\n', err: '' });
  });
  it('keeps the order over many lines', async () => {
    const stdin = Array.from({ length: 2_000 }, (_, index) => `{"from":"2026-01-05","limit":"${index + 1} days"}`).join('\n');
    const answers = lines((await wenze(['deadline', '--batch', '--no-roll'], { stdin })).out) as { limit: string }[];
    expect(answers.map((answer) => answer.limit)).toEqual(Array.from({ length: 2_000 }, (_, index) => `${index + 1} days`));
  });
});

describe('a city\'s own directory', () => {
  let dir: string;
  beforeEach(() => { dir = mkdtempSync(path.join(tmpdir(), 'wenze-cli-')); });
  afterEach(() => { rmSync(dir, { recursive: true, force: true }); });

  /** A year as it might be published, in the first year no calendar of ours knows. */
  const published = (year: number) => ({
    jurisdiction: 'cn', year, notices: [{ number: `国办发明电〔${year - 1}〕1号`, issued: `${year - 1}-11-01`, source: 'https://example.gov.cn/' }],
    holidays: [{ name: 'new-year', from: `${year}-01-01`, to: `${year}-01-03` }, { name: 'national-day', from: `${year}-10-01`, to: `${year}-10-07` }],
  });
  const file = (name: string, content: unknown): string => {
    const written = path.join(dir, name);
    writeFileSync(written, JSON.stringify(content));
    return written;
  };
  async function nextYear(): Promise<number> {
    const { calendars } = JSON.parse((await wenze(['policy', 'check', '--json'])).out) as { calendars: { jurisdiction: string; to: number }[] };
    return (calendars.find((each) => each.jurisdiction === 'cn')?.to ?? 0) + 1;
  }

  it('takes a newly published year, and a date in it is provisional no longer', async () => {
    const year = await nextYear();
    const question = ['deadline', '--from', `${year}-09-30`, '--limit', '1 working day', '--json', '--policy-dir', dir];
    expect(JSON.parse((await wenze(question)).out)).toMatchObject({ provisional: true });
    const loaded = await wenze(['calendar', 'load', file('notice.json', published(year)), '--policy-dir', dir]);
    expect(loaded).toMatchObject({ code: 0, err: '' });
    expect(loaded.out).toContain('recalculates');
    const after = JSON.parse((await wenze(question)).out) as { due: string; provisional: boolean };
    expect(after.provisional).toBe(false);
    expect(after.due > `${year}-10-07`).toBe(true);
    expect((await wenze(['calendar', 'list'], { env: { POLICY_DIR: dir } })).out).toContain(`国办发明电〔${year - 1}〕1号`);
    expect((await wenze(['calendar', 'load', file('notice.json', published(year)), '--policy-dir', dir])).out).toContain('loaded already');
  });
  it('takes no year that contradicts itself or leaves a gap, names the place, and writes nothing', async () => {
    const year = await nextYear();
    const twice = { ...published(year), holidays: [...published(year).holidays, { name: 'labour-day', from: `${year}-10-07`, to: `${year}-10-08` }] };
    const refused = await wenze(['calendar', 'load', file('twice.json', twice), '--policy-dir', dir]);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(`${year}-10-07 is given twice`);
    const gap = await wenze(['calendar', 'load', file('gap.json', published(year + 1)), '--policy-dir', dir]);
    expect(gap.err).toContain('without a gap');
    const words = await wenze(['calendar', 'load', file('words.json', { ...published(year), year: 'soon' }), '--policy-dir', dir]);
    expect(words.code).toBe(1);
    expect(words.err).toMatch(/words\.json: year: /);
    const day = await wenze(['calendar', 'load', file('day.json', { ...published(year), holidays: [{ name: 'new-year', from: `${year}-02-30`, to: `${year}-03-01` }] }), '--policy-dir', dir]);
    expect(day.err).toContain(`day.json: holidays[0].from: "${year}-02-30" is not a date`);
    expect(existsSync(path.join(dir, 'calendars')) ? readdirSync(path.join(dir, 'calendars')) : []).toEqual([]);
    expect((await wenze(['calendar', 'load', file('year.json', published(year))])).err).toContain('POLICY_DIR');
  });
  it('tells which limits it replaces, and which the product does not know: a mistyped id is seen', async () => {
    mkdirSync(path.join(dir, 'limits'));
    const handle = {
      title: { zh: '办理期限', en: 'handling' }, limit: { amount: 45, unit: 'calendar-day' }, trigger: { zh: '受理', en: 'acceptance' },
      article: { zh: '市投诉办法第十条', en: 'article 10', source: '市投诉办法' }, validFrom: '2020-01-01',
    };
    file('limits/own.json', [{ ...handle, id: 'complaint.handle' }, { ...handle, id: 'complaint.handel' }]);
    const { out } = await wenze(['policy', 'check', dir]);
    expect(out).toContain('replaced: complaint.handle\n');
    expect(out).toMatch(/added, .*: complaint\.handel\n/);
    expect(JSON.parse((await wenze(['policy', 'check', dir, '--json'])).out)).toMatchObject({ replaced: ['complaint.handle'], added: ['complaint.handel'] });
    expect(JSON.parse((await wenze(['policy', 'check', '--json'])).out)).toMatchObject({ replaced: [], added: [] });
  });
  it('is checked before anything starts with it', async () => {
    expect(await wenze(['policy', 'check', dir])).toMatchObject({ code: 0 });
    expect(await wenze(['policy', 'check', path.join(dir, 'nowhere')])).toMatchObject({ code: 1 });
    expect((await wenze(['policy', 'check', file('a-file.txt', 'x')])).err).toContain('there is no such directory');
    expect((await wenze(['calendar', 'list'], { env: { POLICY_DIR: path.join(dir, 'nowhere') } })).err).toMatch(/^wenze: POLICY_DIR: .*nowhere: there is no such directory/);
    expect((await wenze(['calendar', 'list', '--policy-dir', dir])).out).toContain('国办发明电〔2003〕53号');
    mkdirSync(path.join(dir, 'limits'));
    file('limits/own.json', [{ id: 'incident.explain', limit: { amount: -1, unit: 'fortnight' } }]);
    const { code, err } = await wenze(['policy', 'check', dir]);
    expect(code).toBe(1);
    expect(err).toMatch(/limits\/own\.json: \[0\]\.limit\.unit \(incident\.explain\)/);
  });
});

describe('the command itself', () => {
  it('says how it is built where it is not', () => {
    const clone = mkdtempSync(path.join(tmpdir(), 'wenze-bin-'));
    try {
      const bin = path.join(clone, 'wenze.cjs');
      copyFileSync(path.join(__dirname, '..', '..', 'bin', 'wenze.cjs'), bin);
      const { status, stderr } = spawnSync(process.execPath, [bin, 'deadline'], { encoding: 'utf8' });
      expect(status).toBe(1);
      expect(stderr).toContain('npm run build');
    } finally {
      rmSync(clone, { recursive: true, force: true });
    }
  });
});
