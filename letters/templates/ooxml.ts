import PizZip from 'pizzip';
import { entryDate } from '../render';

/** The few parts of WordprocessingML (ECMA-376) that an official letter needs; layout after GB/T 9704 党政机关公文格式. */

const escape = (value: string): string => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export type Style = 'Letterhead' | 'Number' | 'Title' | 'Addressee' | 'Body' | 'Quote' | 'Closing' | 'Signature' | 'Tag';

/** A paragraph of a style. Tags in braces are filled later. */
export const paragraph = (style: Style, words: string): string =>
  `<w:p><w:pPr><w:pStyle w:val="${style}"/></w:pPr><w:r><w:t xml:space="preserve">${escape(words)}</w:t></w:r></w:p>`;

/** A paragraph that only opens or closes a section; it is gone from the letter. */
export const tag = (words: string): string => paragraph('Tag', words);

interface Look { readonly font: string; readonly halfPoints: number; readonly paragraph: string; readonly run?: string }

/** 版头红色小标宋, 标题 2 号小标宋, 正文 3 号仿宋 with two characters of indent, 28 pt from line to line. */
const looks: Readonly<Record<Style, Look>> = {
  Letterhead: { font: '方正小标宋简体', halfPoints: 64, paragraph: '<w:pBdr><w:bottom w:val="single" w:sz="18" w:space="6" w:color="C00000"/></w:pBdr><w:spacing w:before="240" w:after="240"/><w:jc w:val="center"/>', run: '<w:color w:val="C00000"/>' },
  Number: { font: '仿宋_GB2312', halfPoints: 32, paragraph: '<w:spacing w:after="240"/><w:jc w:val="center"/>' },
  Title: { font: '方正小标宋简体', halfPoints: 44, paragraph: '<w:spacing w:before="240" w:after="360"/><w:jc w:val="center"/>' },
  Addressee: { font: '仿宋_GB2312', halfPoints: 32, paragraph: '<w:spacing w:line="560" w:lineRule="exact"/>' },
  Body: { font: '仿宋_GB2312', halfPoints: 32, paragraph: '<w:spacing w:line="560" w:lineRule="exact"/><w:ind w:firstLineChars="200" w:firstLine="640"/>' },
  Quote: { font: '楷体_GB2312', halfPoints: 32, paragraph: '<w:spacing w:line="560" w:lineRule="exact"/><w:ind w:firstLineChars="200" w:firstLine="640"/>' },
  // The end of a letter stays together: no page holds a signature alone.
  Closing: { font: '仿宋_GB2312', halfPoints: 32, paragraph: '<w:keepNext/><w:spacing w:line="560" w:lineRule="exact"/><w:ind w:firstLineChars="200" w:firstLine="640"/>' },
  Signature: { font: '仿宋_GB2312', halfPoints: 32, paragraph: '<w:keepNext/><w:spacing w:line="560" w:lineRule="exact"/><w:ind w:rightChars="400" w:right="1280"/><w:jc w:val="right"/>' },
  Tag: { font: '仿宋_GB2312', halfPoints: 32, paragraph: '' },
};

const namespace = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

const styles = (): string => `${head}<w:styles xmlns:w="${namespace}">${Object.entries(looks).map(([name, look]) =>
  `<w:style w:type="paragraph" w:customStyle="1" w:styleId="${name}"><w:name w:val="${name}"/><w:pPr>${look.paragraph}</w:pPr>`
  + `<w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="${look.font}"/>${look.run ?? ''}<w:sz w:val="${look.halfPoints}"/><w:lang w:eastAsia="zh-CN"/></w:rPr></w:style>`).join('')}</w:styles>`;

/** A4 with the margins of GB/T 9704: 37 mm above, 28 mm left, 26 mm right, 35 mm below. */
const documentXml = (paragraphs: readonly string[]): string => `${head}<w:document xmlns:w="${namespace}"><w:body>${paragraphs.join('')}`
  + '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1587" w:header="851" w:footer="992" w:gutter="0"/></w:sectPr></w:body></w:document>';

const contentTypes = `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>`
  + '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
  + '<Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/></Types>';
const relationships = (type: string, target: string): string => `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
  + `<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${type}" Target="${target}"/></Relationships>`;

/** A .docx of these paragraphs; the same paragraphs give the same bytes. */
export function docx(paragraphs: readonly string[]): Buffer {
  const zip = new PizZip();
  const parts: readonly (readonly [string, string])[] = [
    ['[Content_Types].xml', contentTypes],
    ['_rels/.rels', relationships('officeDocument', 'word/document.xml')],
    ['word/document.xml', documentXml(paragraphs)],
    ['word/_rels/document.xml.rels', relationships('styles', 'styles.xml')],
    ['word/styles.xml', styles()],
  ];
  for (const [name, content] of parts) zip.file(name, content, { date: entryDate, createFolders: false });
  return zip.generate({ type: 'nodebuffer', compression: 'DEFLATE' });
}
