import { Readable } from 'node:stream';
import type { LawArchive } from '../../domain/clock';
import { exportCase as exportFile } from '../../evidence/export';
import type { contract } from '../contract';
import type { Call, Reply } from '../http/bind';
import type { Service } from '../parts';
import { fileHeaders } from './documents';
import { mayOrRefuse, readableCase, recordAccess } from './find-case';

type Route = typeof contract.exportCase;

/** GET /v1/cases/{caseNumber}/export: on record before a byte of it leaves. */
export const exportCase = (service: Service) => async (call: Call<Route>): Promise<Reply<Route>> => {
  const asking = { caller: call.caller, requestId: call.requestId };
  const { caseNumber } = call.params;
  const redacted = call.query.redacted === 'true';
  const view = await readableCase(service, asking, caseNumber);
  await mayOrRefuse(service, asking, 'export', view);
  if (!redacted) await mayOrRefuse(service, asking, 'personal.unmask', view);
  const bytes = await exportFile({ store: service.store, law: { archive: await everyVersion(service) }, documents: service.annexes.documents }, caseNumber, { redacted });
  await recordAccess(service, asking, redacted ? 'export' : 'personal.unmask', { caseNumber, outcome: 'allowed' });
  return { status: 200, headers: fileHeaders(`${caseNumber}${redacted ? '-redacted' : ''}.zip`, 'application/zip', { 'Content-Length': String(bytes.length) }), stream: Readable.from([bytes]) };
};

/** The law this process began with and what was put in force since, by another one. */
async function everyVersion({ law, store }: Service): Promise<LawArchive> {
  const kept = await store.laws.findAll();
  return { policies: [...law.archive.policies, ...kept.policies], calendars: [...law.archive.calendars, ...kept.calendars] };
}
