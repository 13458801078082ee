import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response, Router } from 'express';
import { MongoError, type Db } from 'mongodb';
import type { Logger } from 'pino';
import { z } from 'zod';
import { sameSecret } from '../crypto/hash';
import type { Keyring } from '../crypto/keyring';
import {
  bodies, Key, ListQuery, MAX_BODY_BYTES, personnelKinds, recordKinds, segments, StaffId, StatisticsQuery, type Kind, type ProblemCode,
} from './contract';
import { KeyReused, Ledger, type Place } from './ledger';

/** What a system does wrong on purpose, in tests: answer with a status (once `after` is settled), not answer, or lose the connection after the fact is kept. */
export type Fault = { readonly status: number; readonly retryAfterSeconds?: number; readonly after?: Promise<unknown> } | 'hang' | 'drop-after-write';

/** Asked once per request; no fault when it gives undefined. There is no way to reach it over HTTP. */
export type FaultSwitch = (request: { readonly system: 'personnel' | 'records'; readonly method: string; readonly path: string }) => Fault | undefined;

export interface SystemsOptions {
  readonly personnelDb: Db;
  readonly recordsDb: Db;
  readonly keyring: Keyring;
  /** The bearer token callers must show. */
  readonly token: string;
  readonly log: Pick<Logger, 'error'>;
  readonly faults?: FaultSwitch;
}

class Refusal extends Error {
  constructor(readonly status: number, readonly code: ProblemCode, message: string) {
    super(message);
  }
}

/**
 * The reference personnel system under `/personnel` and record system under `/records`, by the contract in contract.ts.
 * `GET /healthz` answers 200 while MongoDB does, else 503. Call `prepare` before serving: it makes the indexes.
 */
export function createSystemsApp(options: SystemsOptions): { readonly app: Express; readonly prepare: () => Promise<void> } {
  const personnel = new Ledger(options.personnelDb, options.keyring);
  const records = new Ledger(options.recordsDb, options.keyring);
  const app = express();
  app.disable('x-powered-by');
  app.get('/healthz', async (_req, res) => {
    await options.personnelDb.command({ ping: 1 });
    res.json({ status: 'ok' });
  });
  app.use(requireToken(options.token), express.json({ limit: MAX_BODY_BYTES }));
  app.use('/personnel', inject('personnel', options.faults), personnelRoutes(personnel));
  app.use('/records', inject('records', options.faults), recordRoutes(records));
  app.use((req) => {
    throw new Refusal(404, 'not-found', `nothing at ${req.method} ${req.path}`);
  });
  app.use(answerProblem(options.log));
  return {
    app,
    prepare: async () => {
      await personnel.prepare();
      await records.prepare();
    },
  };
}

function personnelRoutes(ledger: Ledger): Router {
  const router = Router();
  for (const kind of personnelKinds) {
    router.put(`/archive/:staffId/${segments[kind]}/:key`, (req, res) => keep(ledger, kind, req, res, { staffId: parse(StaffId, req.params['staffId']) }));
    router.get(`/archive/:staffId/${segments[kind]}`, async (req, res) => {
      res.json(await ledger.list(kind, { ...parse(ListQuery, req.query), staffId: parse(StaffId, req.params['staffId']) }));
    });
  }
  return router;
}

function recordRoutes(ledger: Ledger): Router {
  const router = Router();
  for (const kind of recordKinds) {
    router.put(`/${segments[kind]}/:key`, (req, res) => keep(ledger, kind, req, res, {}));
    router.get(`/${segments[kind]}`, async (req, res) => {
      res.json(await ledger.list(kind, parse(ListQuery, req.query)));
    });
  }
  router.get('/statistics', async (req, res) => {
    const { from, to } = parse(StatisticsQuery, req.query);
    res.json(await ledger.count(from, to));
  });
  return router;
}

async function keep(ledger: Ledger, kind: Kind, req: Request, res: Response, place: Place): Promise<void> {
  const key = parse(Key, req.params['key']);
  if (req.get('idempotency-key') !== key) throw new Refusal(400, 'key-mismatch', 'Idempotency-Key must be the key in the path');
  const { caseNumber, at, by, content, ...own } = parse(bodies[kind], req.body) as z.infer<typeof bodies.filing> & { readonly scope?: string };
  const organ = own.organ ?? organIn(content);
  const where: Place = { ...place, ...(organ === undefined ? {} : { organ }), ...(own.scope === undefined ? {} : { scope: own.scope }) };
  const { created, ...receipt } = await ledger.keep(kind, key, { caseNumber, at, by, content }, where);
  if (res.locals['dropAfterWrite'] === true) {
    req.socket.destroy();
    return;
  }
  res.status(created ? 201 : 200).json(receipt);
}

/** A filing often names its organ inside the content; it is counted by it. */
function organIn(content: unknown): string | undefined {
  const found = z.object({ organ: z.string().min(1).max(80) }).safeParse(content);
  return found.success ? found.data.organ : undefined;
}

function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new Refusal(400, 'invalid', result.error.issues.map((issue) => `${issue.path.join('.') || 'value'}: ${issue.message}`).join('; '));
}

function requireToken(token: string): RequestHandler {
  return (req, _res, next) => {
    const given = /^Bearer (.+)$/i.exec(req.get('authorization') ?? '')?.[1];
    if (given === undefined || !sameSecret(given, token)) throw new Refusal(401, 'unauthenticated', 'a bearer token is needed');
    next();
  };
}

function inject(system: 'personnel' | 'records', faults: FaultSwitch | undefined): RequestHandler {
  return async (req, res, next) => {
    const fault = faults?.({ system, method: req.method, path: req.path });
    if (fault === 'hang') return;
    if (fault === 'drop-after-write') res.locals['dropAfterWrite'] = true;
    else if (fault !== undefined) {
      await fault.after;
      if (fault.retryAfterSeconds !== undefined) res.set('Retry-After', String(fault.retryAfterSeconds));
      problem(res, fault.status, 'unavailable', 'out of order');
      return;
    }
    next();
  };
}

function problem(res: Response, status: number, code: ProblemCode, detail: string): void {
  res.status(status).type('application/problem+json').json({ type: `urn:wenze:systems:${code}`, title: code, status, code, detail });
}

function answerProblem(log: Pick<Logger, 'error'>) {
  return (error: unknown, req: Request, res: Response, next: NextFunction): void => {
    if (res.headersSent) {
      next(error);
      return;
    }
    if (error instanceof Refusal) problem(res, error.status, error.code, error.message);
    else if (error instanceof KeyReused) problem(res, 409, 'key-reused', error.message);
    else if (isBodyError(error)) problem(res, error.status, error.status === 413 ? 'too-large' : 'invalid', 'the body cannot be read');
    else {
      // MongoDB away is the ordinary case; anything else is ours. Both may be over by the next attempt.
      log.error({ err: error, path: req.path }, error instanceof MongoError ? 'MongoDB does not answer' : 'a request failed');
      problem(res, 503, 'unavailable', 'the system cannot keep this now');
    }
  };
}

/** What body-parser throws carries the 4xx status it stands for; so does a path that cannot be decoded. */
function isBodyError(error: unknown): error is { readonly status: number } {
  const status: unknown = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500;
}
