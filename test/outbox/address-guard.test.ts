import type { LookupAddress } from 'node:dns';
import { AddressGuard, RefusedAddress } from '../../outbox';
import { isPublic } from '../../outbox/address-guard';
import { sign, verifySignature } from '../../outbox';

function faultOf(guard: AddressGuard, url: string): string {
  try {
    guard.check(url);
    return 'ok';
  } catch (error) {
    if (error instanceof RefusedAddress) return error.fault;
    throw error;
  }
}

const open = new AddressGuard();
const intranet = new AddressGuard(['10.8.0.0/16', 'fd00:8::/32']);

it.each([
  ['https://records.example.org/hook', 'ok', 'ok'],
  ['http://records.example.org/hook', 'not-https', 'ok'],
  ['https://8.8.8.8/', 'ok', 'ok'],
  ['http://8.8.8.8/', 'not-https', 'not-https'],
  ['https://127.0.0.1/', 'private-address', 'private-address'],
  ['https://0x7f.1/', 'private-address', 'private-address'],
  ['https://2130706433/', 'private-address', 'private-address'],
  ['https://[::1]/', 'private-address', 'private-address'],
  ['https://[::ffff:127.0.0.1]/', 'private-address', 'private-address'],
  ['https://[::ffff:7f00:1]/', 'private-address', 'private-address'],
  ['https://[64:ff9b::7f00:1]/', 'private-address', 'private-address'],
  ['https://[fe80::1]/', 'private-address', 'private-address'],
  ['https://169.254.169.254/latest/meta-data/', 'private-address', 'private-address'],
  ['https://10.8.1.1/', 'private-address', 'ok'],
  ['http://10.8.1.1/', 'private-address', 'ok'],
  ['http://10.9.1.1/', 'private-address', 'private-address'],
  ['http://[fd00:8::1]/', 'private-address', 'ok'],
  ['https://user:secret@example.org/', 'credentials', 'credentials'],
  ['ftp://example.org/', 'not-a-url', 'not-a-url'],
  ['file:///etc/passwd', 'not-a-url', 'not-a-url'],
  ['nonsense', 'not-a-url', 'not-a-url'],
])('%s: %s; with an intranet allowed: %s', (url, byDefault, withIntranet) => {
  expect(faultOf(open, url)).toBe(byDefault);
  expect(faultOf(intranet, url)).toBe(withIntranet);
});

it.each([['93.184.215.14', true], ['100.64.0.1', false], ['192.0.2.1', false], ['224.0.0.1', false], ['2606:2800:21f:cb07::1', true], ['2001:db8::1', false], ['2002:7f00:1::', false], ['fc00::1', false]])(
  '%s is of the public internet: %s', (address, expected) => {
    expect(isPublic(address)).toBe(expected);
  });

function lookUp(guard: AddressGuard, url: string, found: LookupAddress[]): Promise<string> {
  const resolver = ((_host: string, _options: object, callback: (error: null, addresses: LookupAddress[]) => void) => { callback(null, found); }) as unknown as Parameters<AddressGuard['lookupFor']>[1];
  return new Promise((resolve) => {
    guard.lookupFor(guard.check(url), resolver)('records.example.org', {}, (error, address) => {
      resolve(error === null && typeof address === 'string' ? address : error?.name ?? '');
    });
  });
}

it('a name is judged by every address it has at the moment of connecting', async () => {
  const [good, bad] = [{ address: '93.184.215.14', family: 4 }, { address: '127.0.0.1', family: 4 }];
  expect(await lookUp(open, 'https://records.example.org/', [good])).toBe('93.184.215.14');
  expect(await lookUp(open, 'https://records.example.org/', [bad])).toBe('RefusedAddress');
  expect(await lookUp(open, 'https://records.example.org/', [good, bad])).toBe('RefusedAddress');
  expect(await lookUp(intranet, 'http://records.example.org/', [{ address: '10.8.3.4', family: 4 }])).toBe('10.8.3.4');
  expect(await lookUp(intranet, 'http://records.example.org/', [good])).toBe('RefusedAddress');
});

it('refuses a setting that is no network', () => {
  expect(() => new AddressGuard(['10.8.0.0/33'])).toThrow('10.8.0.0/33');
  expect(() => new AddressGuard(['intranet'])).toThrow('intranet');
});

describe('signature', () => {
  const header = sign('a-secret-of-sixteen', 1_790_000_000, '{"a":1}');

  it('is HMAC-SHA256 over timestamp.body', () => {
    // printf '1790000000.{"a":1}' | openssl dgst -sha256 -hmac a-secret-of-sixteen
    expect(header).toBe('t=1790000000,v1=5797258169a1bbad7140f24583e5648745dd56653ed3c6dcea0966f84078b110');
  });

  it.each([
    ['the same', 'a-secret-of-sixteen', '{"a":1}', 1_790_000_100, true],
    ['another body', 'a-secret-of-sixteen', '{"a":2}', 1_790_000_100, false],
    ['another secret', 'b-secret-of-sixteen', '{"a":1}', 1_790_000_100, false],
    ['six minutes later', 'a-secret-of-sixteen', '{"a":1}', 1_790_000_360, false],
  ])('%s', (_what, secret, body, now, expected) => {
    expect(verifySignature(secret, header, body, now)).toBe(expected);
  });
});
