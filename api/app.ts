import { randomUUID } from 'node:crypto';
import express, { type Express } from 'express';
import helmet from 'helmet';
import { pinoHttp } from 'pino-http';
import { requestForLog } from '../process/log';
import { Histogram, Registry } from 'prom-client';

import { Importer } from '../bulk';
import { codecPath } from './codec/cookie';
import { codecDoor } from './codec/door';
import { codecLoginScript } from './codec/pages';
import { docsScript } from './docs/pages';
import { openApiDocument } from './docs/openapi';
import { swaggerUiAssets } from './docs/swagger-ui-assets';
import { auditRefusals, auditReplies } from './http/audit';
import { bindRoutes, type HandlerTable } from './http/bind';
import { problemHandler } from './http/errors';
import { makeGates } from './http/gates';
import { requestIdOf } from './http/request-id';
import type { AppParts, Service } from './parts';
import { Definitions } from './present/definitions';
import { problem } from './problems';
import { ownsAddress, recordAccess, unknownPart } from './routes/find-case';
import { createApiKey, listApiKeys, revokeApiKey } from './routes/api-keys';
import { caseCalendar, closeCaseFeed, closeInboxFeed, computeDeadline, inboxCalendar, listClocks, openCaseFeed, openInboxFeed } from './routes/clocks';
import { downloadDocument, listDocuments, uploadDocument } from './routes/documents';
import { exportCase } from './routes/evidence';
import { exportList } from './routes/exports';
import { importStarter } from './routes/import-starter';
import { checkImport, downloadImportReport, getImport, listImports, startImport } from './routes/imports';
import { createDelegation, endDelegation, listDelegations } from './routes/delegations';
import { issueLetter } from './routes/letters';
import { listCases, listNotices, readInbox, readStats } from './routes/lists';
import { answerStep, takeAction } from './routes/messages';
import { getCase, listEvents } from './routes/reads';
import { listCaseTypes, listOrgans } from './routes/reference';
import { readDocs, readHealth, readMetrics, readOpenApi, readProblems, readReadiness } from './routes/service';
import { changePassword, closeSession, openSession, readMe, renewSession } from './routes/sessions';
import { startCase } from './routes/start-case';
import { closeCodecSession, codecCookie, decodePayloads, openCodecSession, readCodecLogin } from './routes/codec';
import { changeUser, createUser, listUsers, resetUserPassword, unlockUser } from './routes/users';
import { createWebhook, deleteWebhook, listWebhooks, replayWebhook } from './routes/webhooks';
import { requestContext } from './temporal/connection';

/** Requests a minute of one identity, unless the environment says otherwise. */
export const defaultLimits = { perMinute: 6_000, signInsPerMinute: 120 } as const;

/** A request id that a proxy has given is kept when it is a plain one. */
const plainId = /^[\w-]{8,64}$/;

/** The API as an Express application: everything in it comes from its parts. */
export function createApp(parts: AppParts): Express {
  return createApi(parts).app;
}

/** The same with what works behind it: bulk imports, which are to be taken up at the start and stopped at the end. */
export function createApi(parts: AppParts): { readonly app: Express; readonly importer: Importer } {
  const definitions = new Definitions(parts.definitions);
  const importer = new Importer(parts.annexes.db, parts.annexes.keyring, { definitions, log: parts.log, starter: { check: (...row) => starter.check(...row), start: (...row) => starter.start(...row) } }, parts.annexes.imports);
  const service: Service = { ...parts, definitions, importer, now: parts.now ?? Date.now };
  const starter = importStarter(service);
  const registry = new Registry();
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', 'simple');
  // Nobody's word for where a request came from is taken but that of the proxies named here.
  app.set('trust proxy', [...(parts.trustedProxies ?? [])]);
  app.set('case sensitive routing', true);

  app.use(observe(parts, registry));
  app.use(helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } }));
  app.use('/docs/assets', express.static(swaggerUiAssets, { index: false }));
  app.get('/docs/start.js', (_request, response) => { response.type('application/javascript').send(docsScript); });
  app.get(`${codecPath}/login.js`, (_request, response) => { response.type('application/javascript').send(codecLoginScript); });
  app.use(codecPath, codecDoor({ cookie: codecCookie(service), identity: service.identity, uiOrigin: originOf(service.temporalUiUrl), now: service.now }));

  bindRoutes(app, handlers(service, registry), makeGates({
    identity: parts.identity, access: parts.access, limits: { ...defaultLimits, ...parts.limits },
    onRefused: (caller, route, request) => recordAccess(service, { caller, requestId: requestIdOf(request) }, route.id, { caseNumber: null, outcome: 'refused', reason: 'role' }),
  }), { checkReplies: parts.checkReplies ?? false, unknown: unknownPart, owns: ownsAddress(service), audit: auditReplies(service) });
  app.use((request) => {
    throw problem('unknown-route', `没有地址 ${request.path}`, `nothing is at ${request.path}; /docs shows what there is`);
  });
  app.use(auditRefusals(service));
  app.use(problemHandler(parts.log));
  return { app, importer };
}

function handlers(service: Service, registry: Registry): HandlerTable {
  return {
    openSession: openSession(service), closeSession: closeSession(service), renewSession: renewSession(service), changePassword: changePassword(service), readMe: readMe(service),
    startCase: startCase(service), getCase: getCase(service), listEvents: listEvents(service), answerStep: answerStep(service), takeAction: takeAction(service),
    listCases: listCases(service), readInbox: readInbox(service), listNotices: listNotices(service), readStats: readStats(service),
    listClocks: listClocks(service), computeDeadline: computeDeadline(service), caseCalendar: caseCalendar(service), inboxCalendar: inboxCalendar(service),
    openInboxFeed: openInboxFeed(service), closeInboxFeed: closeInboxFeed(service), openCaseFeed: openCaseFeed(service), closeCaseFeed: closeCaseFeed(service),
    uploadDocument: uploadDocument(service), listDocuments: listDocuments(service), downloadDocument: downloadDocument(service), issueLetter: issueLetter(service),
    checkImport: checkImport(service), startImport: startImport(service), getImport: getImport(service), listImports: listImports(service), downloadImportReport: downloadImportReport(service),
    exportList: exportList(service), exportCase: exportCase(service),
    decodePayloads: decodePayloads(service), openCodecSession: openCodecSession(service), closeCodecSession: closeCodecSession(service), readCodecLogin,
    createWebhook: createWebhook(service), listWebhooks: listWebhooks(service), deleteWebhook: deleteWebhook(service), replayWebhook: replayWebhook(service),
    createUser: createUser(service), listUsers: listUsers(service), changeUser: changeUser(service), unlockUser: unlockUser(service), resetUserPassword: resetUserPassword(service),
    createApiKey: createApiKey(service), listApiKeys: listApiKeys(service), revokeApiKey: revokeApiKey(service),
    createDelegation: createDelegation(service), listDelegations: listDelegations(service), endDelegation: endDelegation(service),
    listCaseTypes: listCaseTypes(service), listOrgans: listOrgans(service),
    readOpenApi: readOpenApi(openApiDocument(service.definitions, service.organs.all.map((organ) => organ.id))), readDocs, readProblems, readHealth, readReadiness: readReadiness(service), readMetrics: readMetrics(registry),
  };
}

const originOf = (url: string | undefined): string | undefined => (url === undefined ? undefined : new URL(url).origin);

/** Request ids, one log line per request without query or headers, and how long each route took. */
function observe(parts: AppParts, registry: Registry): express.RequestHandler[] {
  const seconds = new Histogram({
    name: 'wenze_http_request_seconds', help: 'Time from request to answer', labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10], registers: [registry],
  });
  return [
    pinoHttp({
      logger: parts.log,
      // The logger's own serialisers: pino-http's would write headers, and with them tokens.
      wrapSerializers: false,
      serializers: { req: requestForLog, res: (response: { statusCode?: number }) => ({ statusCode: response.statusCode }) },
      genReqId: (request, response) => {
        const given = request.headers['x-request-id'];
        const id = typeof given === 'string' && plainId.test(given) ? given : randomUUID();
        response.setHeader('X-Request-Id', id);
        return id;
      },
      customLogLevel: (_request, response, error) => (error !== undefined || response.statusCode >= 500 ? 'warn' : 'info'),
      autoLogging: { ignore: (request) => request.url === '/healthz' || request.url === '/readyz' || request.url === '/metrics' },
    }),
    (request, response, next) => {
      const end = seconds.startTimer({ method: request.method });
      response.once('close', () => { end({ route: routePath(request), status: String(response.statusCode) }); });
      requestContext.run({ requestId: requestIdOf(request) }, next);
    },
  ];
}

/** The pattern of the matched route, so that case numbers do not become labels. */
const routePath = (request: express.Request): string => (request.route as { readonly path?: string } | undefined)?.path ?? 'none';
