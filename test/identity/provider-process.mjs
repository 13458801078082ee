// A real OpenID Connect provider (oidc-provider) in a process of its own, spoken to by its parent: it says where it listens, and rotates its keys when told.
//   fork('provider-process.mjs') → { url } ; send({ rotate: 'second', keep: true }) → { rotated: 'second' }
import { createServer } from 'node:http';
import { once } from 'node:events';
import { generateKeyPair, exportJWK } from 'jose';
import Provider from 'oidc-provider';

/** What the directory behind the provider says of its people, under names such as directories have. */
const people = {
  'sub-officer': { name: '甲', wenze_roles: ['handler', 'reviewer'], wenze_organ: 'yz-complaints', wenze_staff_id: 'S7', realm: { groups: ['all-staff', '12345-承办', '12345-审核'] }, 'https://city.example/unit': '330199-07', employeeNumber: 'S7' },
  'sub-visitor': { name: '乙', realm: { groups: ['all-staff'] }, 'https://city.example/unit': '330199-07' },
  'sub-plain': {},
};

const resources = { 'urn:wenze:api': 'wenze', 'urn:another:api': 'another' };
const signing = { ES256: { crv: 'P-256' }, RS256: { modulusLength: 2048 } };
let keys = [];
let current = 'ES256';

async function keyOf(kid, alg) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, ...signing[alg] });
  return { ...await exportJWK(privateKey), kid, alg, use: 'sig' };
}

const server = createServer();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${server.address().port}`;

/** The same provider anew, with the keys of now; sessions and codes of before are forgotten. */
function open() {
  const provider = new Provider(url, {
    jwks: { keys },
    cookies: { keys: ['a key of this test'] },
    clients: [
      { client_id: 'console', client_secret: 'console-secret', grant_types: ['authorization_code'], redirect_uris: [`${url}/back`], id_token_signed_response_alg: current },
      { client_id: 'hotline', client_secret: 'hotline-secret', grant_types: ['client_credentials'], redirect_uris: [], response_types: [], id_token_signed_response_alg: current },
    ],
    clientDefaults: { id_token_signed_response_alg: current },
    enabledJWA: { idTokenSigningAlgValues: ['ES256', 'RS256'] },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    extraTokenClaims: (_context, token) => (token.kind === 'ClientCredentials' ? { wenze_roles: ['handler'], wenze_organ: 'yz-complaints' } : people[token.accountId] ?? {}),
    ttl: { AccessToken: 300, ClientCredentials: 300 },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:wenze:api',
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, resource) => ({ scope: 'openid', audience: resources[resource], accessTokenFormat: 'jwt', jwt: { sign: { alg: current, kid: keys[0].kid } } }),
      },
    },
  });
  server.removeAllListeners('request');
  server.on('request', provider.callback());
}

keys = [await keyOf('first', 'ES256')];
open();
process.on('message', async ({ rotate, keep, alg = 'ES256' }) => {
  current = alg;
  keys = [await keyOf(rotate, alg), ...(keep ? keys : [])];
  open();
  process.send({ rotated: rotate });
});
process.on('disconnect', () => process.exit(0));
process.send({ url });
