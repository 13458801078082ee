import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import PizZip from 'pizzip';
import { z } from 'zod';
import { BadColumns, BadTable, readCsv, RowReader, SheetTooLong, writeCsv, writeXlsx, type Cell } from '../../bulk';
import { complaintCase } from '../../domain/cases/complaint';
import { referralCase } from '../../domain/cases/referral';

const rowsOf = async function* (...rows: readonly (readonly Cell[])[]): AsyncGenerator<readonly Cell[]> {
  await Promise.resolve();
  yield* rows;
};
async function read(bytes: Buffer, pieces = 3): Promise<string[][]> {
  const records: string[][] = [];
  const open = () => Readable.from((function* () { for (let at = 0; at < bytes.length; at += pieces) yield bytes.subarray(at, at + pieces); })());
  for await (const record of readCsv(open)) records.push(record);
  return records;
}

describe('reading', () => {
  it.each<[string, Buffer, string[][]]>([
    ['UTF-8 with a byte order mark', Buffer.from('\ufeff事由,事实\r\n甲,"乙,丙"\r\n'), [['事由', '事实'], ['甲', '乙,丙']]],
    ['GB 18030, semicolons', Buffer.from([0xca, 0xc2, 0xd3, 0xc9, 0x3b, 0x61, 0x0a, 0xbc, 0xd7, 0x3b, 0x62]), [['事由', 'a'], ['甲', 'b']]],
    ['tabs', Buffer.from('a\tb\n1\t2\n'), [['a', 'b'], ['1', '2']]],
    ['a line break within quotes, empty lines', Buffer.from('a,b\n\n"x\ny",z\n\n'), [['a', 'b'], ['x\ny', 'z']]],
  ])('%s', async (_what, bytes, expected) => {
    expect(await read(bytes)).toEqual(expected);
    expect(await read(bytes, 1000)).toEqual(expected);
  });

  it('refuses an unclosed quote, naming the row, and bytes that are no text', async () => {
    await expect(read(Buffer.from('a,b\n1,2\n"x,y\n'))).rejects.toThrow(expect.objectContaining({ name: 'BadTable', row: 3 }) as BadTable);
    await expect(read(Buffer.from([0xff, 0xff, 0x00]))).rejects.toThrow(BadTable);
  });
});

describe('columns', () => {
  it('fill fields by path, by the headings of offices, by a mapping of one’s own', () => {
    const reader = new RowReader(complaintCase.intake, ['channel', '事由', '内容', '投诉人', 'complainant.anonymous', '单位', '备注'], { 单位: 'accused.organ', 备注: '' });
    expect(reader.read(['web', '拖延', '三个月未办', '赵钱孙', '否', 'yz-water', '不导入'])).toEqual({
      channel: 'web', subject: '拖延', facts: '三个月未办', complainant: { name: '赵钱孙', anonymous: false }, accused: { organ: 'yz-water' },
    });
    expect(reader.read(['web', '拖延', '事实', '', '是', 'yz-water', ''])).toEqual({
      channel: 'web', subject: '拖延', facts: '事实', complainant: { anonymous: true }, accused: { organ: 'yz-water' },
    });
  });

  it('fill lists of things by number, in any case type', () => {
    const reader = new RowReader(referralCase.intake, ['persons.0.name', 'persons.1.name', 'persons.0.organ', 'evidence.0.title']);
    expect(reader.read(['甲', '乙', 'yz-water', '报告'])).toEqual({ persons: [{ name: '甲', organ: 'yz-water' }, { name: '乙' }], evidence: [{ title: '报告' }] });
  });

  it('take numbers, lists of words and yes or no as the field wants them', () => {
    const reader = new RowReader(z.object({ amount: z.number(), tags: z.array(z.string()), flag: z.boolean(), text: z.string() }), ['amount', 'tags', 'flag', 'text']);
    expect(reader.read(['12.5', '一；二;三', '是', '001'])).toEqual({ amount: 12.5, tags: ['一', '二', '三'], flag: true, text: '001' });
    expect(reader.read(['many', '', 'maybe', ''])).toEqual({ amount: 'many', flag: 'maybe' });
  });

  it.each<[string, string[], Record<string, string>, string]>([
    ['no such field', ['subject', 'colour'], {}, 'colour'],
    ['a field with parts', ['complainant'], {}, 'complainant'],
    ['two for one field', ['subject', '事由'], {}, '事由'],
    ['a mapping of a column that is not there', ['subject'], { 单位: 'accused.organ' }, '单位'],
    ['an inherited name', ['__proto__.polluted'], {}, '__proto__.polluted'],
    ['another', ['constructor'], {}, 'constructor'],
  ])('are refused: %s', (_why, heading, mapping, column) => {
    expect(() => new RowReader(complaintCase.intake, heading, mapping)).toThrow(BadColumns);
    expect(() => new RowReader(complaintCase.intake, heading, mapping)).toThrow(column);
  });
});

describe('writing', () => {
  it('no text becomes a formula; numbers stay numbers', async () => {
    const written = (await buffer(writeCsv(rowsOf(['=1+1', '+86', '-2', '@x', '\t=1', '＝1', 'a=1', -2, true, null], ['"', 'a,b', '甲\n乙', '', 0, '', '', '', '', ''])))).toString();
    expect(written).toBe('\ufeff\'=1+1,\'+86,\'-2,\'@x,\'\t=1,\'＝1,a=1,-2,true,\r\n"""","a,b","甲\n乙",,0,,,,,\r\n');
  });

  it('a sheet holds text as text', async () => {
    const zip = new PizZip(await writeXlsx(rowsOf(['编号', '事由'], ['TS-2026-000001', '=HYPERLINK("x")'], ['甲\u0001', 3])));
    const all = Object.keys(zip.files).filter((name) => name.endsWith('.xml')).map((name) => zip.file(name)?.asText() ?? '').join('\n');
    expect(all).toContain('=HYPERLINK(');
    expect(all).not.toMatch(/<f[ >]/);
    expect(all).toContain('<v>3</v>');
    expect(all).not.toContain('\u0001');
  });

  it('what a reader leaves half-way ends the writing', async () => {
    let ended = false;
    const endless = (async function* (): AsyncGenerator<readonly Cell[]> {
      try {
        for (;;) {
          await Promise.resolve();
          yield ['x'.repeat(1000)];
        }
      } finally {
        ended = true;
      }
    })();
    const stream = writeCsv(endless);
    for await (const _chunk of stream) break;
    await new Promise((resolve) => { setImmediate(resolve); });
    expect(ended).toBe(true);
  });

  it('an error of the list is the reader’s', async () => {
    const broken = (async function* (): AsyncGenerator<readonly Cell[]> {
      yield ['a'];
      await Promise.resolve();
      throw new Error('the store is away');
    })();
    await expect(buffer(writeCsv(broken))).rejects.toThrow('the store is away');
  });
});

describe('however long a list is', () => {
  async function* rows(count: number, seen?: { pulled: number }): AsyncGenerator<readonly Cell[]> {
    for (let row = 0; row < count; row += 1) {
      if (seen !== undefined) seen.pulled += 1;
      // Rows come page by page, so that one asked for is one waited for.
      await Promise.resolve();
      yield [row, '事由', true];
    }
  }

  it('CSV is made as it is read: who stops reading stops the making', async () => {
    const seen = { pulled: 0 };
    const csv = writeCsv(rows(Infinity, seen));
    for await (const piece of csv as AsyncIterable<Buffer>) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
    expect(csv.destroyed).toBe(true);
    expect(seen.pulled).toBeLessThan(10_000);
  });

  it('a sheet holds 20,000 rows under its heading and refuses one more', async () => {
    expect((await writeXlsx(rows(20_001))).length).toBeGreaterThan(100_000);
    await expect(writeXlsx(rows(20_002))).rejects.toThrow(SheetTooLong);
  });
});

describe('a table that nobody reads to its end', () => {
  it('fails for whoever reads it, and ends nothing when nobody does', async () => {
    async function* failing(): AsyncGenerator<readonly Cell[]> {
      await Promise.resolve();
      throw new Error('the store is away');
    }
    const unread = writeCsv(failing());
    await new Promise((resolve) => { setImmediate(resolve); });
    expect(unread.errored).toBeNull();
    await expect(text(writeCsv(failing()))).rejects.toThrow('the store is away');
  });

  it('lets go of its rows when the reader goes', async () => {
    let closed = 0;
    async function* endless(): AsyncGenerator<readonly Cell[]> {
      try {
        for (let row = 0; ; row++) yield await Promise.resolve([row, 'x'.repeat(100)]);
      } finally {
        closed++;
      }
    }
    for await (const piece of writeCsv(endless())) if ((piece as Buffer).length > 100) break;
    while (closed === 0) await new Promise((resolve) => { setImmediate(resolve); });
    expect(closed).toBe(1);
  });

  it('lets go of its bytes when the reader of its records goes', async () => {
    let open = 0;
    async function* bytes(): AsyncGenerator<Uint8Array> {
      open++;
      try {
        for (let piece = 0; piece < 400; piece++) yield await Promise.resolve(Buffer.from(`a,b,c\n${'x,y,z\n'.repeat(1_000)}`));
      } finally {
        open--;
      }
    }
    for await (const record of readCsv(bytes)) {
      expect(record).toEqual(['a', 'b', 'c']);
      break;
    }
    while (open > 0) await new Promise((resolve) => { setImmediate(resolve); });
    expect(open).toBe(0);
  });
});
