import { lookup as resolve, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Why an address is not called. */
export type AddressFault = 'not-a-url' | 'not-https' | 'credentials' | 'private-address';

/** Thrown before anything is sent; says which rule, and the host only. */
export class RefusedAddress extends Error {
  override readonly name = 'RefusedAddress';
  constructor(readonly fault: AddressFault, readonly host: string) {
    super({
      'not-a-url': 'not an address of the form https://host/path',
      'not-https': `${host} is called over https only`,
      credentials: 'an address carries no user name or password',
      'private-address': `${host} is not an address of the public internet, and no setting allows it`,
    }[fault]);
  }
}

/** IANA special-purpose registries: nothing there is a receiver on the public internet. */
const special4 = [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24',
  '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4',
];
/** Within 2000::/3, the only global unicast there is. */
const special6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIP(address);
    const bits = prefix === undefined ? (family === 4 ? 32 : 128) : Number(prefix);
    if (family === 0 || !Number.isInteger(bits) || bits < 0 || bits > (family === 4 ? 32 : 128)) throw new Error(`"${network}" is not a network of the form 10.8.0.0/16`);
    list.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

const blocked4 = listOf(special4);
const blocked6 = listOf(special6);
const global6 = listOf(['2000::/3']);
const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * Decides which addresses may be called (OWASP SSRF): by default https to the public internet alone. Networks a city has allowed by
 * setting, such as its government intranet, may be called too, and over http. Every address a name resolves to is looked at
 * at the moment of connecting, so that a name cannot change its mind in between.
 */
export class AddressGuard {
  private readonly allowed: BlockList;

  /** @param networks allowed beyond the public internet, `10.8.0.0/16`. @throws Error naming one that is not a network */
  constructor(networks: readonly string[] = []) {
    this.allowed = listOf(networks);
  }

  /** What can be said of a URL before its name is resolved. @throws RefusedAddress */
  check(url: string): URL {
    if (!URL.canParse(url)) throw new RefusedAddress('not-a-url', '');
    const parsed = new URL(url);
    if (parsed.username !== '' || parsed.password !== '') throw new RefusedAddress('credentials', parsed.hostname);
    if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') throw new RefusedAddress('not-a-url', parsed.hostname);
    const host = parsed.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0) this.checkAddress(host, parsed);
    else if (parsed.protocol === 'http:' && this.allowed.rules.length === 0) throw new RefusedAddress('not-https', parsed.hostname);
    return parsed;
  }

  private checkAddress(address: string, url: URL): void {
    if (this.isAllowed(address)) return;
    if (!isPublic(address)) throw new RefusedAddress('private-address', url.hostname);
    if (url.protocol !== 'https:') throw new RefusedAddress('not-https', url.hostname);
  }

  private isAllowed(address: string): boolean {
    const plain = mapped.exec(address)?.[1] ?? address;
    return this.allowed.check(plain, isIP(plain) === 4 ? 'ipv4' : 'ipv6');
  }

  /** A `lookup` for a connection to this URL that fails with RefusedAddress when any address of the name may not be called. */
  lookupFor(url: URL, resolver: typeof resolve = resolve): LookupFunction {
    return (hostname, options, callback) => {
      resolver(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
        if (error !== null) {
          callback(error, '', 0);
          return;
        }
        try {
          for (const each of found) this.checkAddress(each.address, url);
        } catch (refused) {
          callback(refused as Error, '', 0);
          return;
        }
        const [first] = found;
        if (options.all === true) callback(null, found);
        else callback(null, first?.address ?? '', first?.family ?? 0);
      });
    };
  }
}

/** Whether an address is of the public internet. */
export function isPublic(address: string): boolean {
  const plain = mapped.exec(address)?.[1] ?? address;
  if (isIP(plain) === 4) return !blocked4.check(plain, 'ipv4');
  return global6.check(plain, 'ipv6') && !blocked6.check(plain, 'ipv6');
}
