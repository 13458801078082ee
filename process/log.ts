import pino, { type DestinationStream, type Logger } from 'pino';

/**
 * One structured logger for all processes. What identifies a complainant or a person concerned, and what opens a door, never reaches a log:
 * values under the keys below are replaced at any depth, request URLs lose their query (searches hold names), and errors are cleaned the same way
 * (database errors carry whole documents).
 */

/** Keys whose values are never logged, compared without case, `-` and `_`. */
const secretKeys = new Set([
  'authorization', 'cookie', 'setcookie', 'password', 'passphrase', 'secret', 'token', 'accesstoken', 'refreshtoken', 'apikey', 'xapikey',
  'keyring', 'wenzekeyring', 'wenzetokensecret', 'systemstoken',
  'complainant', 'complainants', 'person', 'persons', 'personname', 'fullname', 'phone', 'telephone', 'mobile', 'email', 'address', 'idnumber', 'identitynumber',
  'facts', 'statement', 'body', 'document', 'documents', 'op', 'intake', 'payload', 'payloads',
]);

export const redacted = '[redacted]';

/** Depth beyond which a logged value is cut off; log lines are flat, a deeper one is a mistake. */
const maxDepth = 8;

/** A copy of `value` fit for a log: secret keys replaced at any depth, strings under other keys untouched; an error loses the documents it carries, other class instances stay as they are. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxDepth) return '[too deep]';
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  if (value instanceof Error) return errorForLog(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return redactEntries(Object.entries(value), depth);
}

function redactEntries(entries: [string, unknown][], depth: number): Record<string, unknown> {
  return Object.fromEntries(
    entries.map(([key, item]) => [key, secretKeys.has(key.toLowerCase().replaceAll(/[-_]/g, '')) ? redacted : redact(item, depth + 1)]),
  );
}

function errorForLog(error: unknown): unknown {
  if (!(error instanceof Error)) return redact(error);
  // The standard serialiser answers an object with its own prototype: its entries are copied so that they are cleaned too.
  return redactEntries(Object.entries(pino.stdSerializers.err(error)), 0);
}

interface LoggedRequest {
  readonly id?: unknown;
  readonly method?: string;
  readonly url?: string;
  readonly originalUrl?: string;
}

/** Method and path of a request, without query, headers or address of the caller. For pino-http: `serializers` of `createLogger` already holds it. */
export function requestForLog(request: LoggedRequest): Record<string, unknown> {
  const path = (request.originalUrl ?? request.url ?? '').split('?', 1)[0];
  return { id: request.id, method: request.method, path };
}

export interface LogOptions {
  /** pino level, default `info` or LOG_LEVEL. */
  readonly level?: string;
  /** Where lines go, default stdout; tests collect them. */
  readonly destination?: DestinationStream;
}

/** What is no level is named by readEnv, which needs a logger to be told. */
const levelWanted = (wanted: string | undefined): string => (wanted !== undefined && (wanted in pino.levels.values || wanted === 'silent') ? wanted : 'info');

/** A logger of JSON lines on stdout, each with `process: name`. The level is LOG_LEVEL unless given. */
export function createLogger(name: string, options: LogOptions = {}): Logger {
  const settings: pino.LoggerOptions = {
    level: options.level ?? levelWanted(process.env['LOG_LEVEL']),
    base: { process: name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label) => ({ level: label }),
      log: (line) => redactEntries(Object.entries(line), 0),
    },
    serializers: {
      err: errorForLog,
      error: errorForLog,
      req: requestForLog,
      res: (response: { statusCode?: number }) => ({ statusCode: response.statusCode }),
    },
  };
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination);
}
