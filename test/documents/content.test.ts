import { ContentProbe } from '../../documents/content-probe';
import { attachment, neutralName, plainTitle } from '../../documents/file-name';
import { RefusedContent } from '../../documents/media-types';
import { docx, executable, gb18030Text, jpeg, ofd, pdf, png, windowsExecutable, xlsx, zip } from './samples';

function probe(bytes: Buffer, pieces = bytes.length || 1): string {
  const watching = new ContentProbe();
  for (let at = 0; at < bytes.length; at += pieces) watching.push(bytes.subarray(at, at + pieces));
  try {
    return watching.finish().mediaType;
  } catch (error) {
    if (error instanceof RefusedContent) return error.fault;
    throw error;
  }
}

describe('the type of a document is that of its content', () => {
  it.each<[string, Buffer, string]>([
    ['PDF', pdf, 'application/pdf'],
    ['JPEG', jpeg, 'image/jpeg'],
    ['PNG', png, 'image/png'],
    ['Word', docx, 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
    ['Excel', xlsx, 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
    ['OFD', ofd, 'application/ofd'],
    ['UTF-8 text', Buffer.from('情况说明\n第一条\t甲\r\n'), 'text/plain'],
    ['GB 18030 text', gb18030Text, 'text/plain'],
    ['a web page is but text', Buffer.from('<html><script>alert(1)</script>'), 'text/plain'],
    ['nothing', Buffer.alloc(0), 'empty'],
    ['a Linux program', executable, 'unknown-type'],
    ['a Windows program', windowsExecutable, 'unknown-type'],
    ['a ZIP of anything', zip('setup.exe'), 'unknown-type'],
    ['a macro document', zip('[Content_Types].xml', 'word/document.xml', 'word/vbaProject.bin'), 'macros'],
    ['a ZIP that was cut off', docx.subarray(0, docx.length - 30), 'damaged'],
    ['a ZIP with a page before it', Buffer.concat([Buffer.from('<html>'), docx]), 'unknown-type'],
    ['a ZIP with bytes after it', Buffer.concat([docx, Buffer.from('MZ')]), 'damaged'],
    ['a GIF', Buffer.from('GIF89a\u0000\u0000'), 'unknown-type'],
  ])('%s', (_what, bytes, expected) => {
    expect(probe(bytes)).toBe(expected);
    expect(probe(bytes, 1)).toBe(expected);
  });

  it('a character over the edge of two pieces is whole again', () => {
    expect(probe(Buffer.from('问责'.repeat(1000)), 7)).toBe('text/plain');
  });
});

describe('names do nothing anywhere', () => {
  it.each([
    ['../../etc/passwd', 'passwd.pdf'],
    ['C:\\windows\\system32\\evil.exe', 'evil.pdf'],
    ['情况说明.PDF', '情况说明.pdf'],
    ['报告\u202Egnp.exe', '报告gnp.pdf'],
    ['a\r\nSet-Cookie: x=1.pdf', 'aSet-Cookie x=1.pdf'],
    ['.htaccess', 'document.pdf'],
    ['CON.txt', 'document.pdf'],
    ['  ', 'document.pdf'],
    ['"><script>.pdf', 'script.pdf'],
    [`${'长'.repeat(300)}.pdf`, `${'长'.repeat(80)}.pdf`],
  ])('%j → %s', (given, expected) => {
    expect(neutralName(given, 'application/pdf')).toBe(expected);
  });

  it('a download is an attachment, its name in both forms', () => {
    expect(attachment("答复'(1).pdf")).toBe("attachment; filename=\"__'(1).pdf\"; filename*=UTF-8''%E7%AD%94%E5%A4%8D%27%281%29.pdf");
  });
});

it('a file in a million pieces costs no more than one in a few: the end of it is kept in one place', () => {
  const watching = new ContentProbe();
  const piece = Buffer.from('a');
  for (let each = 0; each < 1_500_000; each++) watching.push(piece);
  expect(watching.finish()).toMatchObject({ mediaType: 'text/plain', size: 1_500_000 });
});

it('the directory of a long document is found whatever the pieces it came in', () => {
  const [front, back] = [docx.subarray(0, 4), docx.subarray(4)];
  for (const pieces of [700_001, 1 << 20, 3_000_000]) {
    const watching = new ContentProbe();
    const bytes = Buffer.concat([front, Buffer.alloc(2_500_000, 1), back]);
    for (let at = 0; at < bytes.length; at += pieces) watching.push(bytes.subarray(at, at + pieces));
    // Its directory says that it begins at 0, so that bytes put before it are seen.
    expect(() => watching.finish()).toThrow(expect.objectContaining({ fault: 'damaged' }) as Error);
  }
});

it.each([
  ['half a character', `${'a'.repeat(299)}😀`, 'a'.repeat(299)],
  ['the direction of reading', '\u202efdp.\u2066exe', 'fdp.exe'],
  ['lines and controls', '证言\r\n\u0000第二页\u2028', '证言 第二页'],
  ['nothing but those', '\u0000\u202e \n', ''],
])('a title is never left with %s', (_what, given, expected) => {
  expect(plainTitle(given)).toBe(expected);
});
