import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiResponsesObject } from 'zod-openapi';
import { actionNames, actionTitles, findStep, kitSteps, type ActionName, type CaseDefinition } from '../../domain/case-definition';
import type { JsonObject } from '../../domain/json';
import { routes, type RouteContract } from '../contract';
import { CaseNumberParams } from '../contract/common';
import { problemsOf } from '../contract/route';
import type { Definitions } from '../present/definitions';
import { withOrgans } from '../present/organ-fields';
import { Problem, problemTable, type ProblemCode } from '../problems';

/** The OpenAPI 3.1 document: the contract's routes, with the forms of every case type where a route takes one. Fields that name an organ list `organs`. */
export function openApiDocument(definitions: Definitions, organs: readonly string[]): Record<string, unknown> {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const route of routes) {
    for (const { path, operation } of operationsOf(route, definitions, (form) => withOrgans(form, organs) as JsonObject)) (paths[path] ??= {})[route.method] = operation;
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: '问责 wenze API', version: '1.0.0', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description: 'Government accountability cases 问责. Every error is an RFC 9457 problem with a stable `code`; the codes are at /docs/problems. '
        + 'A POST that carries an `Idempotency-Key` may be sent again after any 5xx or a broken connection: it is done once.',
    },
    servers: [{ url: '/' }],
    tags: [{ name: 'cases' }, { name: 'inbox' }, { name: 'documents' }, { name: 'clocks' }, { name: 'bulk' }, { name: 'webhooks' }, { name: 'codec' }, { name: 'users' }, { name: 'keys' }, { name: 'delegations' }, { name: 'reference' }, { name: 'sessions' }, { name: 'service' }],
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'the token of POST /v1/sessions, or of the configured identity provider' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'for systems: a key of POST /v1/api-keys, good for its scopes' },
        feedLink: { type: 'apiKey', in: 'query', name: 'token', description: 'for calendar programs: the token of a link, good for its one calendar' },
      },
    },
    paths: paths,
  }) as unknown as Record<string, unknown>;
}

interface Operation {
  readonly path: string;
  readonly operation: ZodOpenApiOperationObject;
}

type Localise = (form: JsonObject) => JsonObject;

function operationsOf(route: RouteContract, definitions: Definitions, localise: Localise): Operation[] {
  switch (route.id) {
    case 'startCase': return definitions.all.map((definition) => startOperation(route, definition, localise(definitions.intakeForm(definition.type))));
    case 'answerStep': return [{ path: route.path, operation: operationOf(route, localise({ anyOf: definitions.all.flatMap((definition) => answerForms(definition, definitions)) })) }];
    case 'takeAction': return actionNames.map((name) => actionOperation(route, name, localise(definitions.actionForms[name])));
    case 'createUser': case 'createApiKey': return [{ path: route.path, operation: operationOf(route, localise(schemaOf(route))) }];
    default: return [{ path: route.path, operation: operationOf(route) }];
  }
}

/** What a route takes, as JSON Schema. */
function schemaOf({ body }: RouteContract): JsonObject {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(body ?? z.unknown(), { io: 'input' }) as JsonObject;
  return schema;
}

/** One address per case type: `/v1/cases/{type}` and `/v1/cases/{caseNumber}` would be the same template. */
function startOperation(route: RouteContract, definition: CaseDefinition, form: JsonObject): Operation {
  const { params: _type, ...rest } = route;
  return {
    path: route.path.replace('{type}', definition.type),
    operation: { ...operationOf(rest, form), operationId: `startCase.${definition.type}`, summary: `${route.summary.zh}:${definition.title.zh} ${route.summary.en}: ${definition.title.en}` },
  };
}

/** One address per action, each with its own form. */
function actionOperation(route: RouteContract, name: ActionName, form: JsonObject): Operation {
  const operation = operationOf({ ...route, params: CaseNumberParams }, form);
  return {
    path: route.path.replace('{action}', name),
    operation: { ...operation, operationId: `takeAction.${name}`, summary: `${route.summary.zh}:${actionTitles[name].zh} ${route.summary.en}: ${actionTitles[name].en}` },
  };
}

function answerForms(definition: CaseDefinition, definitions: Definitions): JsonObject[] {
  return Object.keys({ ...definition.steps, ...(definition === definitions.all[0] ? kitSteps : {}) }).flatMap((step) => Object.keys(findStep(definition, step)?.answers ?? {}).map((answer) => {
    const form = definitions.answerForm(definition, step, answer);
    return {
      ...form, title: `${definition.type}: ${step} → ${answer}`, type: 'object',
      properties: { answer: { type: 'string', const: answer }, ...(form['properties'] as JsonObject | undefined) },
      required: ['answer', ...((form['required'] as readonly string[] | undefined) ?? [])],
    };
  }));
}

function operationOf(route: RouteContract, form?: JsonObject): ZodOpenApiOperationObject {
  return {
    operationId: route.id, tags: [route.tag], summary: `${route.summary.zh} ${route.summary.en}`,
    ...(route.description === undefined ? {} : { description: route.description }),
    security: route.auth.kind === 'public' ? [] : [{ bearer: [] }, { apiKey: [] }, ...(route.auth.kind === 'action' && route.auth.link === true ? [{ feedLink: [] }] : [])],
    requestParams: {
      ...(route.params === undefined ? {} : { path: route.params }),
      ...(route.query === undefined ? {} : { query: route.query }),
      ...(route.headers === undefined ? {} : { header: route.headers }),
    },
    ...(route.body === undefined ? {} : {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: (form ?? route.body), ...(route.bodyExample === undefined ? {} : { example: route.bodyExample }) } },
      },
    }),
    ...(route.rawBody === undefined ? {} : {
      requestBody: { required: true, content: Object.fromEntries(route.rawBody.map((type) => [type, { schema: bytes }])) },
    }),
    responses: responsesOf(route),
  };
}

/** What is no JSON. */
const bytes = { type: 'string', format: 'binary' } as const;

function responsesOf(route: RouteContract): ZodOpenApiResponsesObject {
  const responses: Record<string, NonNullable<ZodOpenApiResponsesObject[`${1 | 2 | 3 | 4 | 5}${string}`]>> = {};
  for (const [status, own] of Object.entries(route.responses)) {
    responses[status] = {
      description: own.description,
      ...(own.headers === undefined ? {} : { headers: own.headers }),
      ...(own.stream === undefined ? {} : { content: Object.fromEntries(own.stream.map((type) => [type, { schema: bytes }])) }),
      ...(own.schema === undefined ? {} : { content: { [own.contentType ?? 'application/json']: { schema: own.schema, ...(own.example === undefined ? {} : { example: own.example }) } } }),
    };
  }
  for (const [status, codes] of byStatus(problemsOf(route))) {
    const known = responses[status] as { content?: object; description?: string } | undefined;
    responses[status] = {
      ...known, description: [known?.description, codes.map((code) => `\`${code}\` ${problemTable[code].title.en}`).join('; ')].filter((part) => part !== undefined).join(' '),
      content: { ...known?.content, 'application/problem+json': { schema: Problem, examples: Object.fromEntries(codes.map((code) => [code, { value: exampleOf(code) }])) } },
    };
  }
  return responses;
}

function byStatus(codes: readonly ProblemCode[]): [string, ProblemCode[]][] {
  const groups = new Map<string, ProblemCode[]>();
  for (const code of codes) {
    const status = String(problemTable[code].status);
    groups.set(status, [...groups.get(status) ?? [], code]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

function exampleOf(code: ProblemCode): Record<string, unknown> {
  const { status, title } = problemTable[code];
  return {
    type: `/docs/problems#${code}`, code, title: `${title.zh} ${title.en}`, status, detail: `${title.zh} ${title.en}`,
    text: { title: { ...title }, detail: { ...title } }, instance: '0b0f8a2e-6a0b-4f0a-9d3a-2f6f0b9c1d11',
  };
}
