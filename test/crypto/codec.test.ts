import { ApplicationFailure, type Payload } from '@temporalio/common';
import { decodeFromPayloadsAtIndex, decodeOptionalFailureToOptionalError, encodeErrorToFailure, encodeToPayloads, loadDataConverter } from '@temporalio/common/lib/internal-non-workflow';
import { CannotOpen, Keyring } from '../../crypto/keyring';
import { createDataConverter, isSealed, KeyringCodec } from '../../temporal/codec';
import { readable } from '../../temporal/readable';

const key = (fill: number): string => Buffer.alloc(32, fill).toString('base64');
const first = new Keyring({ current: 'k1', keys: { k1: key(1) } });
const rotated = new Keyring({ current: 'k2', keys: { k1: key(1), k2: key(2) } });
const secret = '投诉人甲 13900000000';

/** Every byte that would lie in Temporal's database, as text. */
const raw = (value: unknown): string => JSON.stringify(value, (_, item: unknown) =>
  item instanceof Uint8Array || (typeof item === 'object' && item !== null && (item as { type?: unknown }).type === 'Buffer') ? Buffer.from(item as Uint8Array).toString('utf8') : item);

describe('payloads', () => {
  const converter = loadDataConverter(createDataConverter(first));

  it('come back as they were and lie sealed in between', async () => {
    const sealed = await encodeToPayloads(converter, { complainant: secret, n: [1, null] }, undefined, new Uint8Array([0, 255]));
    expect(sealed).toHaveLength(3);
    for (const payload of sealed ?? []) expect(isSealed(payload)).toBe(true);
    expect(raw(sealed)).not.toContain('投诉');
    expect(raw(sealed)).toContain('k1');
    expect(await decodeFromPayloadsAtIndex(converter, 0, sealed)).toEqual({ complainant: secret, n: [1, null] });
    expect(await decodeFromPayloadsAtIndex(converter, 1, sealed)).toBeUndefined();
    expect(await decodeFromPayloadsAtIndex(converter, 2, sealed)).toEqual(new Uint8Array([0, 255]));
  });

  it('written before a rotation are read after it', async () => {
    const sealed = await encodeToPayloads(converter, secret);
    expect(await decodeFromPayloadsAtIndex(loadDataConverter(createDataConverter(rotated)), 0, sealed)).toBe(secret);
  });

  it('under a key that left the ring are refused, naming the key', async () => {
    const sealed = await new KeyringCodec(rotated).encode([{ data: Buffer.from(secret) }]);
    await expect(new KeyringCodec(first).decode(sealed)).rejects.toMatchObject({ code: 'unknown-key', keyId: 'k2' });
  });

  it('that were changed are refused', async () => {
    const [sealed] = await new KeyringCodec(first).encode([{ data: Buffer.from(secret) }]);
    const data = Buffer.from(sealed?.data ?? []);
    data[data.length - 1] = (data.at(-1) ?? 0) ^ 1;
    await expect(new KeyringCodec(first).decode([{ ...sealed, data }])).rejects.toMatchObject({ code: 'tampered' });
    await expect(new KeyringCodec(first).decode([{ metadata: sealed?.metadata ?? null }])).rejects.toMatchObject({ code: 'not-sealed' });
  });

  it('that never were sealed are handed through', async () => {
    const plain: Payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('1') };
    expect(await new KeyringCodec(first).decode([plain, {}])).toEqual([plain, {}]);
    expect(await new KeyringCodec(first).encode([])).toEqual([]);
  });
});

describe('bare texts', () => {
  const converter = loadDataConverter(createDataConverter(first));

  it.each([secret, '', 'once-1', `"${secret}"`])('%j is sealed like everything else', async (text) => {
    const [payload] = await encodeToPayloads(converter, text) ?? [];
    expect(isSealed(payload ?? {})).toBe(true);
    expect(await decodeFromPayloadsAtIndex(converter, 0, payload === undefined ? null : [payload])).toBe(text);
  });

  it('marked as readable stay so, without the mark', async () => {
    const [payload] = await encodeToPayloads(converter, readable(readable('限期届满 due'))) ?? [];
    expect(isSealed(payload ?? {})).toBe(false);
    expect(Buffer.from(payload?.data ?? []).toString('utf8')).toBe('"限期届满 due"');
    expect(await decodeFromPayloadsAtIndex(converter, 0, payload === undefined ? null : [payload])).toBe('限期届满 due');
  });

  it('a mark anywhere else, or before a text too long for a summary, keeps nothing readable', async () => {
    for (const value of [`a${readable(secret)}`, { summary: readable(secret) }, [readable(secret)], readable(secret.repeat(500))]) {
      const [payload] = await encodeToPayloads(converter, value) ?? [];
      expect(isSealed(payload ?? {})).toBe(true);
    }
  });
});

describe('the description of a workflow', () => {
  const codec = new KeyringCodec(first);
  const json = (value: unknown): Payload => ({ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(JSON.stringify(value)) });
  const definition = { type: 'complaint', queryDefinitions: [{ name: 'view' }] };

  it('is read without a key where its details are marked', async () => {
    const [answer] = await codec.encode([json({ definition, currentDetails: readable('阶段 stage') })]);
    expect(isSealed(answer ?? {})).toBe(false);
    expect(JSON.parse(Buffer.from(answer?.data ?? []).toString('utf8'))).toEqual({ definition, currentDetails: '阶段 stage' });
  });

  it.each([
    ['details that are not marked', { definition, currentDetails: secret }], ['no details', { definition }], ['more than a description', { definition, currentDetails: readable('x'), fields: secret }],
    ['another object', { currentDetails: readable(secret), definition }], ['something else first', { definition: { name: secret }, currentDetails: readable('x') }],
    ['more than a page', { definition: { type: 'x', secret: secret.repeat(5_000) }, currentDetails: readable('x') }],
  ])('%s: sealed', async (_what, value) => {
    const [answer] = await codec.encode([json(value)]);
    expect(isSealed(answer ?? {})).toBe(true);
  });
});

describe('whose a payload was', () => {
  const codec = new KeyringCodec(first);
  const context = { type: 'workflow', namespace: 'default', workflowId: 'TS-2026-000001' } as const;

  it('stands inside the seal and is gone on decoding', async () => {
    const [sealed] = await codec.encode([{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{}') }], context);
    expect(raw(sealed)).not.toContain('TS-2026');
    const { payload, caseNumber } = codec.open(sealed ?? {});
    expect(caseNumber).toBe('TS-2026-000001');
    expect(Object.keys(payload.metadata ?? {})).toEqual(['encoding']);
    expect(await codec.decode([sealed ?? {}])).toEqual([payload]);
  });

  it('is not known of one that was sealed without a workflow', async () => {
    const [sealed] = await codec.encode([{ data: Buffer.from(secret) }]);
    expect(codec.open(sealed ?? {})).not.toHaveProperty('caseNumber');
    expect(() => codec.open({ data: Buffer.from(secret) })).toThrow(CannotOpen);
  });
});

describe('failures', () => {
  it('lie sealed with message and stack, and come back', async () => {
    const converter = loadDataConverter(createDataConverter(first));
    const failure = await encodeErrorToFailure(converter, ApplicationFailure.nonRetryable(`no record of ${secret}`, 'NoRecord', { who: secret }));
    expect(raw(failure)).not.toContain('投诉');
    expect(raw(failure)).not.toContain('codec.test');
    const back = await decodeOptionalFailureToOptionalError(converter, failure);
    expect(back?.message).toBe(`no record of ${secret}`);
  });
});
