import { statSync } from 'node:fs';
import { isIP } from 'node:net';
import { z } from 'zod';
import { ClaimMapping } from '../domain/claim-mapping';

/**
 * The environment of our processes, in one table: name, form, default. Each main file takes the names it needs:
 *
 *     const env = readEnv('PORT', 'MONGODB_URI', 'MONGODB_DB');
 *
 * An empty value counts as absent (docker compose hands on `VAR=`). README and docker-compose.yml use the same names.
 */

const whole = (least: number, most: number) => {
  const form = `must be a whole number from ${least} to ${most}`;
  return z.string().regex(/^\d{1,10}$/, form).transform(Number).refine((value) => value >= least && value <= most, form);
};
const port = whole(0, 65_535);
const url = z.url({ protocol: /^https?$/ }).transform((value) => value.replace(/\/+$/, ''));
const perMinute = whole(1, 10_000_000);
/** A list with commas between. */
const list = z.string().default('').transform((text) => text.split(',').map((each) => each.trim()).filter((each) => each !== ''));
const flag = z.enum(['0', '1', 'false', 'true']).transform((value) => value === '1' || value === 'true');
const key32 = z.string().refine((value) => Buffer.from(value, 'base64').length === 32, 'must be 32 bytes in base64');

/** AES keys of the payload and field encryption: the current key's id and every key still needed to read; 32 bytes each, base64. */
export const Keyring = z
  .object({ current: z.string().min(1), keys: z.record(z.string().min(1), key32) })
  .refine((ring) => ring.keys[ring.current] !== undefined, { path: ['current'], error: 'names no key in keys' });
export type Keyring = z.infer<typeof Keyring>;

const keyringText = z.string().transform((text, context): Keyring => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's own message would quote the text, and the text holds keys.
    context.addIssue('is not JSON of the form {"current":"k1","keys":{"k1":"…"}}');
    return z.NEVER;
  }
  const ring = Keyring.safeParse(parsed);
  if (ring.success) return ring.data;
  for (const issue of ring.error.issues) context.addIssue(`${issue.path.join('.')}: ${issue.message}`);
  return z.NEVER;
});

const claimMappingText = z.string().transform((text, context): ClaimMapping => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    context.addIssue(`is not JSON: ${error instanceof Error ? error.message : String(error)}`);
    return z.NEVER;
  }
  const mapping = ClaimMapping.safeParse(parsed);
  if (mapping.success) return mapping.data;
  for (const issue of mapping.error.issues) context.addIssue(`${issue.path.join('.')}: ${issue.message}`);
  return z.NEVER;
});

/** An address or a network in CIDR form. */
const isNetwork = (text: string): boolean => {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  return family !== 0 && more.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)));
};

const networksForm = 'must be addresses or networks such as 10.8.0.0/16, separated by commas';

/** A folder that is not there would leave a city under the built-in law without a word. */
const isFolder = (place: string): boolean => statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;

const fields = {
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  /** Demo organs, demo users and generated secrets; refused in production. */
  WENZE_DEMO: flag.default(false),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),

  /** Interface the HTTP servers listen on. */
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(3000),
  SYSTEMS_PORT: port.default(3001),
  /** Temporal Core's Prometheus endpoint of the worker; absent: none. */
  WORKER_METRICS_PORT: port.optional(),

  TEMPORAL_ADDRESS: z.string().regex(/^[^\s/]+:\d+$/, 'must be host:port').default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
  TEMPORAL_TASK_QUEUE: z.string().min(1).default('wenze'),
  /** For the links to a case's history; absent: no links. */
  TEMPORAL_UI_URL: url.optional(),

  MONGODB_URI: z.string().regex(/^mongodb(\+srv)?:\/\//, 'must begin with mongodb:// or mongodb+srv://').default('mongodb://127.0.0.1:27017'),
  MONGODB_DB: z.string().min(1).default('wenze'),

  PERSONNEL_URL: url.default('http://127.0.0.1:3001/personnel'),
  RECORDS_URL: url.default('http://127.0.0.1:3001/records'),

  /** A city's own policy entries, laid over the built-in ones. */
  POLICY_DIR: z.string().min(1).refine(isFolder, 'must be a folder that is there').optional(),

  WENZE_KEYRING: keyringText,
  WENZE_TOKEN_SECRET: key32,
  SYSTEMS_TOKEN: z.string().min(16),

  /** Networks that webhooks may call beyond the public internet, separated by commas: `10.8.0.0/16`. */
  WEBHOOK_NETWORKS: list.refine((networks) => networks.every(isNetwork), networksForm),

  OIDC_ISSUER: url.optional(),
  OIDC_AUDIENCE: z.string().min(1).optional(),
  /** Which claims of a token say what, as JSON; absent: `sub`, `name`, `wenze_roles`, `wenze_organ`, `wenze_staff_id`. */
  OIDC_CLAIMS: claimMappingText.optional(),

  /** Requests a minute of one identity, and of one address before it is known. */
  RATE_LIMIT_PER_MINUTE: perMinute.default(6_000),
  /** Log-ins a minute of one address. */
  SIGN_IN_LIMIT_PER_MINUTE: perMinute.default(120),
  /**
   * Addresses and networks of our own reverse proxies, separated by commas: `10.8.0.2,10.9.0.0/24`. Only from these is `X-Forwarded-For` believed.
   * Empty, the default: nobody's; the address of the connection counts, which no caller can choose.
   */
  TRUSTED_PROXIES: list.refine((networks) => networks.every(isNetwork), networksForm),
} as const;

type Fields = typeof fields;
export type EnvName = keyof Fields;
export type Env = { readonly [Name in EnvName]: z.output<Fields[Name]> };

/** Thrown by `readEnv`; the message names every variable that is missing or malformed, and never quotes a value. */
export class EnvError extends Error {
  override readonly name = 'EnvError';
  constructor(readonly problems: readonly string[]) {
    super(`The environment is not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

/**
 * The named variables, validated and with their defaults. Always checks the log level, and that demo mode and production do not meet.
 * Throws EnvError naming everything that is wrong at once.
 */
export function readEnv<Name extends EnvName>(...names: Name[]): Pick<Env, Name> {
  return parseEnv(process.env, names);
}

/** `readEnv` on a given source, for tests and the launcher. */
export function parseEnv<Name extends EnvName>(source: Readonly<Record<string, string | undefined>>, names: readonly Name[]): Pick<Env, Name> {
  const problems: string[] = [];
  const values: Partial<Record<EnvName, unknown>> = {};
  const wanted = new Set<EnvName>([...names, 'NODE_ENV', 'WENZE_DEMO', 'LOG_LEVEL']);
  for (const name of wanted) {
    const raw = source[name];
    const result = fields[name].safeParse(raw === '' ? undefined : raw);
    if (result.success) {
      values[name] = result.data;
    } else {
      const why = raw === undefined || raw === '' ? 'is required' : result.error.issues.map((issue) => issue.message).join('; ');
      problems.push(`${name}: ${why}`);
    }
  }
  if (values.WENZE_DEMO === true && values.NODE_ENV === 'production') {
    problems.push('WENZE_DEMO: demo mode (known passwords) is refused when NODE_ENV=production');
  }
  if (problems.length > 0) throw new EnvError(problems);
  // Every requested name was parsed by its own schema in the loop above.
  return values as Pick<Env, Name>;
}

/** Every variable our processes know. */
export const envNames = Object.keys(fields) as readonly EnvName[];
