import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import PizZip from 'pizzip';
import { type CannotWrite, letterContent, letterKindNames, letterKinds, LetterRenderer, BadTemplate, loadShortNames, shortNameOf, type LetterFields, type LetterKind } from '../../letters';
import { templates } from '../../letters/templates/build';
import { docx, paragraph } from '../../letters/templates/ooxml';
import { demoOrganTree } from '../../policy/demo';
import { at, clock, law, view } from './world';

const organs = demoOrganTree();
const renderer = new LetterRenderer();
const content = (kind: LetterKind, fields: LetterFields, over = {}) =>
  letterContent({ kind, view: view(over), fields, organ: 'yz-supervision', number: '云监受〔2026〕12号', at }, law, organs);

/** The words of a letter, a line per paragraph. */
function wordsOf(file: Buffer): string {
  const xml = new PizZip(file).file('word/document.xml')?.asText() ?? '';
  return [...xml.matchAll(/<w:p[ >].*?<\/w:p>/gs)]
    .map(([each]) => [...each.matchAll(/<w:t[^>]*>([^<]*)<\/w:t>|<w:br\/>/g)].map((run) => run[1] ?? '\n').join('')).join('\n');
}

const fields: Readonly<Record<LetterKind, LetterFields>> = {
  acceptance: { procedure: '调查、审核、批准后书面答复。' },
  extension: { reasons: '需要委托鉴定。' },
  reply: { findings: '经查，材料齐全，逾期属实。', conclusion: '责令三日内办结，并向您致歉。', remedy: '不服本答复的，可在30日内请求复查。' },
  referral: { toOrgan: 'yz-supervision', facts: '挪用工程款。', ownMeasures: '已责令归还。', evidence: ['审计报告', '银行流水'] },
  decision: { to: '周吴', facts: '未按期检修。', basis: '《行政机关公务员处分条例》第二十条', decision: '给予记过处分。', remedy: '可自知道本决定之日起30日内申请复核。' },
  rectification: { toOrgan: 'yz-water', problems: '阀门失修。', order: '更换阀门，建立台账。' },
  apology: { facts: '氯气泄漏。', apology: '我局深表歉意。', measures: '已更换全部阀门。' },
};
const extended = { clocks: [clock({ spec: { ...clock().spec, events: [...clock().spec.events, { kind: 'extend', at: at + 1, by: { amount: 30, unit: 'calendar-day' }, approver: 'leader', ground: 'approved-request' }] } })] };

describe.each(letterKindNames)('%s', (kind) => {
  const made = renderer.render(kind, content(kind, letterKinds[kind].fields.parse(fields[kind]), kind === 'extension' ? extended : {}));

  it('is whole: every part is there, no tag is left, the same letter is the same bytes', () => {
    const zip = new PizZip(made);
    expect(Object.values(zip.files).filter((entry) => !entry.dir).map((entry) => entry.name).sort()).toEqual(['[Content_Types].xml', '_rels/.rels', 'word/_rels/document.xml.rels', 'word/document.xml', 'word/styles.xml']);
    const xml = zip.file('word/document.xml')?.asText() ?? '';
    expect(xml).not.toMatch(/[{}]|undefined|\[object/);
    const again = renderer.render(kind, content(kind, letterKinds[kind].fields.parse(fields[kind]), kind === 'extension' ? extended : {}));
    expect(again.equals(made)).toBe(true);
  });

  it('says who, to whom, which number, about what, when', () => {
    const words = wordsOf(made);
    for (const part of ['云州市监察局', '云监受〔2026〕12号', letterKinds[kind].title.zh, '办理用水证拖延', 'TS-2026-000123', '2026年9月25日']) expect(words).toContain(part);
    for (const value of Object.entries(fields[kind])) if (value[0] !== 'toOrgan') expect(words).toContain(typeof value[1] === 'string' ? value[1] : value[1]?.[1]);
  });

  it('has the template its wording gives', () => {
    const committed = readFileSync(path.join(__dirname, '../../letters/templates', `${kind}.docx`));
    expect(docx(templates[kind]).equals(committed)).toBe(true);
  });
});

describe('the limit in a letter', () => {
  it('stands with its length, its last day and its article', () => {
    const words = wordsOf(renderer.render('acceptance', content('acceptance', fields.acceptance)));
    expect(words).toContain('办理期限：自2026年9月25日起60日，应于2026年11月24日前（含当日）办结。');
    expect(words).toContain('依据：《信访工作条例》第三十四条');
    expect(words).toContain('信访事项应当自受理之日起60日内办结');
    expect(words).toContain('赵钱孙：');
  });

  it('of an extension says by how much', () => {
    expect(wordsOf(renderer.render('extension', content('extension', fields.extension, extended)))).toContain('办理期限（60日）延长30日，应于2026年11月24日前（含当日）办结。');
  });

  it('says when the calendar of its year is not published yet', () => {
    const provisional = { clocks: [{ ...clock(), reading: { ...clock().reading, provisional: true } }] };
    expect(wordsOf(renderer.render('acceptance', content('acceptance', fields.acceptance, provisional)))).toContain('该年度放假安排尚未公布');
  });

  it.each<[string, LetterKind, LetterFields, object, string]>([
    ['no clock runs', 'acceptance', fields.acceptance, { clocks: [] }, 'clock'],
    ['a clock that is not there', 'acceptance', { ...fields.acceptance, clock: 'route' }, {}, 'clock'],
    ['two run', 'acceptance', fields.acceptance, { clocks: [clock(), clock({ id: 'other' })] }, 'clock'],
    ['a paused clock has no date', 'acceptance', fields.acceptance, { clocks: [{ ...clock(), reading: { ...clock().reading, due: null } }] }, 'clock'],
    ['nothing was extended', 'extension', fields.extension, {}, 'clock'],
    ['a reply names none', 'reply', { ...fields.reply, clock: 'handle' }, {}, 'clock'],
    ['nobody to write to', 'decision', { ...fields.decision, to: undefined }, {}, 'to'],
    ['no complainant', 'reply', fields.reply, { intake: {} }, 'to'],
    ['an organ nobody knows', 'referral', { ...fields.referral, toOrgan: 'yz-nothing' }, {}, 'toOrgan'],
  ])('is refused when %s', (_why, kind, given, over, blamed) => {
    expect(() => content(kind, given, over)).toThrow(expect.objectContaining({ name: 'CannotWrite', path: blamed }) as CannotWrite);
  });

  it('an anonymous complainant is answered without a name', () => {
    expect(content('reply', fields.reply, { intake: { complainant: { anonymous: true } } })['to']).toBe('投诉人');
  });
});

it('what an officer writes is text and nothing else', () => {
  const words = wordsOf(renderer.render('reply', content('reply', { ...fields.reply, findings: '{title} <w:p/> & "甲"\n第二行' })));
  expect(words).toContain('{title} &lt;w:p/&gt; &amp;');
  expect(words).toContain('\n　　第二行');
  expect(() => letterKinds.reply.fields.parse({ ...fields.reply, findings: 'a\u0001' })).toThrow('control character');
});

describe('a city’s own template', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'wenze-letters-'));
  mkdirSync(path.join(folder, 'letters'));
  afterAll(() => { rmSync(folder, { recursive: true }); });

  it('goes before the product’s', () => {
    writeFileSync(path.join(folder, 'letters', 'reply.docx'), docx([paragraph('Body', '云州式答复：{conclusion}')]));
    expect(wordsOf(new LetterRenderer(folder).render('reply', content('reply', fields.reply)))).toBe('云州式答复：责令三日内办结，并向您致歉。');
  });

  it('that asks for what there is not is refused by its name', () => {
    writeFileSync(path.join(folder, 'letters', 'apology.docx'), docx([paragraph('Body', '{nothing}')]));
    expect(() => new LetterRenderer(folder).render('apology', content('apology', fields.apology))).toThrow(BadTemplate);
    expect(() => new LetterRenderer(folder).render('apology', content('apology', fields.apology))).toThrow('nothing');
  });

  it('brings its organs’ short names', () => {
    expect(loadShortNames(folder)).toEqual({});
    writeFileSync(path.join(folder, 'letters.json'), JSON.stringify({ 'yz-water': '云水务' }));
    expect(shortNameOf(organs.get('yz-water'), loadShortNames(folder))).toBe('云水务');
    writeFileSync(path.join(folder, 'letters.json'), JSON.stringify({ 'yz-water': 'water' }));
    expect(() => loadShortNames(folder)).toThrow('yz-water');
  });
});

it.each([
  ['yz-supervision', '云监'], ['yz-water', '云水'], ['yz-gov', '云政'], ['yz-complaints', '云行'], ['yz-dx-supervision', '东监'], ['yz-dx-qs', '清政'], ['yl-supervision', '云监'],
])('%s is %s in document numbers', (organ, expected) => {
  expect(shortNameOf(organs.get(organ))).toBe(expected);
});

test('what a complainant wrote with characters no letter can hold is written without them', () => {
  const intake = { ...view().intake as object, complainant: { anonymous: false, name: '赵\u0002{#due}\ufffe' } };
  const words = wordsOf(renderer.render('reply', content('reply', { findings: '{conclusion}<w:br/>', conclusion: '{{' }, { subject: '用水\u0000证\u0001 & <b>', intake })));
  expect(words).toContain('赵{#due}');
  expect(words).toContain('用水证 &amp; &lt;b&gt;');
  expect(words).toContain('{conclusion}&lt;w:br/&gt;');
});
