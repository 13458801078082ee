import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { LetterKind } from '../kinds';
import { docx, paragraph, tag } from './ooxml';

/** The wording of the letters. After a change: `npx tsc && node dist/letters/templates/build.js letters/templates`. */

const body = (words: string): string => paragraph('Body', words);
const opening = [paragraph('Letterhead', '{organ}'), paragraph('Number', '{number}'), paragraph('Title', '{title}'), paragraph('Addressee', '{to}：')];
const closing = (words: string): string[] => [...(words === '' ? [] : [paragraph('Closing', words)]), paragraph('Signature', '{organ}'), paragraph('Signature', '{date}')];
const article = [body('依据：{source}'), paragraph('Quote', '“{article}”')];
const dueLine = '{limitTitle}：自{startedOn}起{limit}，应于{dueOn}前（含当日）办结{provisional}。';

export const templates: Readonly<Record<LetterKind, readonly string[]>> = {
  acceptance: [
    ...opening,
    body('您反映的“{subject}”事项（编号：{caseNumber}），我机关已予受理。现将有关事项告知如下：'),
    body('一、办理程序'), body('{procedure}'),
    body('二、办理期限'), tag('{#due}'), body(dueLine), ...article, tag('{/due}'),
    body('三、查询'), body('您可凭上述编号查询办理情况。'),
    ...closing('特此告知。'),
  ],
  extension: [
    ...opening,
    body('您反映的“{subject}”事项（编号：{caseNumber}），因情况复杂，未能在原定期限内办结。'),
    body('延期理由：{reasons}'),
    tag('{#due}'), body('经批准，{limitTitle}（{limit}）延长{extension}，应于{dueOn}前（含当日）办结{provisional}。'), ...article, tag('{/due}'),
    ...closing('特此告知。'),
  ],
  reply: [
    ...opening,
    body('您反映的“{subject}”事项（编号：{caseNumber}），经调查核实，现答复如下：'),
    body('一、调查情况'), body('{findings}'),
    body('二、处理意见'), body('{conclusion}'),
    tag('{#remedy}'), body('三、救济途径'), body('{remedy}'), tag('{/remedy}'),
    ...closing(''),
  ],
  referral: [
    ...opening,
    body('我机关在履行职责中发现“{subject}”（编号：{caseNumber}）涉嫌行政过错，依照职责权限应由贵机关处理，现予移送。'),
    body('一、主要事实'), body('{facts}'),
    body('二、本机关已依权限作出的处理'), body('{ownMeasures}'),
    body('三、证据清单'), tag('{#evidence}'), body('{index}. {item}'), tag('{/evidence}'),
    tag('{#due}'), body('四、期限'), body('{limitTitle}：自{startedOn}起{limit}，至{dueOn}止（含当日）{provisional}。'), ...article, tag('{/due}'),
    ...closing('请将处理结果书面反馈我机关。'),
  ],
  decision: [
    ...opening,
    body('关于“{subject}”（编号：{caseNumber}），经调查、审核，并听取陈述和申辩，现查明：'),
    body('{facts}'),
    body('依照{basis}，决定如下：'), body('{decision}'),
    body('救济途径：{remedy}'),
    ...closing('申诉、复核期间，不停止本决定的执行。'),
  ],
  rectification: [
    ...opening,
    body('关于“{subject}”（编号：{caseNumber}），你单位存在下列问题：'), body('{problems}'),
    body('现责令限期整改，要求如下：'), body('{order}'),
    tag('{#due}'), body('{limitTitle}：自{startedOn}起{limit}，应于{dueOn}前（含当日）完成整改并书面报告{provisional}。'), ...article, tag('{/due}'),
    ...closing('逾期未整改或者整改不到位的，将予以通报批评，并追究有关领导人员的责任。'),
  ],
  apology: [
    ...opening,
    body('关于“{subject}”（编号：{caseNumber}），现向社会说明如下：'), body('{facts}'),
    body('{apology}'),
    body('改正措施：{measures}'),
    ...closing('诚恳接受社会监督。'),
  ],
};

/** Writes every template into a folder. */
export function buildTemplates(folder: string): void {
  for (const [kind, paragraphs] of Object.entries(templates)) writeFileSync(path.join(folder, `${kind}.docx`), docx(paragraphs));
}

if (require.main === module) buildTemplates(process.argv[2] ?? __dirname);
