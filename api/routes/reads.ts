import type { contract } from '../contract';
import type { Call, Reply } from '../http/bind';
import type { Service } from '../parts';
import { presentCase, presentEvent } from '../present/case';
import { mayOrRefuse, readableCase, recordAccess } from './find-case';
import { etagOf } from './messages';

type CaseRoute = typeof contract.getCase;
type EventsRoute = typeof contract.listEvents;

/** GET /v1/cases/{caseNumber} */
export const getCase = (service: Service) => async (call: Call<CaseRoute>): Promise<Reply<CaseRoute>> => {
  const asking = { caller: call.caller, requestId: call.requestId };
  const { caseNumber } = call.params;
  const view = await readableCase(service, asking, caseNumber);
  const unmask = call.query.unmask === 'true';
  if (unmask) await mayOrRefuse(service, asking, 'personal.unmask', view);
  await recordAccess(service, asking, unmask ? 'personal.unmask' : 'case.read', { caseNumber, outcome: 'allowed' });
  const etag = etagOf(view.revision);
  if (!unmask && call.headers['if-none-match']?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag) === true) {
    return { status: 304, headers: { ETag: etag } };
  }
  return { status: 200, headers: { ETag: etag, 'Cache-Control': 'private, no-cache' }, body: presentCase(view, call.caller, { definitions: service.definitions, access: service.access, unmask }) };
};

/** GET /v1/cases/{caseNumber}/events */
export const listEvents = (service: Service) => async (call: Call<EventsRoute>): Promise<Reply<EventsRoute>> => {
  const asking = { caller: call.caller, requestId: call.requestId };
  const { caseNumber } = call.params;
  const { cursor, limit } = call.query;
  const after = cursor === undefined ? 0 : Number(cursor);
  const view = await readableCase(service, asking, caseNumber);
  const unmask = call.query.unmask === 'true';
  if (unmask) await mayOrRefuse(service, asking, 'personal.unmask', view);
  const events = await service.store.cases.findEvents(caseNumber, after, limit + 1);
  await recordAccess(service, asking, unmask ? 'personal.unmask' : 'events.read', { caseNumber, outcome: 'allowed' });
  const page = events.slice(0, limit);
  const next = events.length > limit ? String(page.at(-1)?.event.seq ?? after) : null;
  return { status: 200, body: { items: page.map(({ event, hash }) => presentEvent(event, hash, unmask)), next } };
};
