import type { LawArchive } from '../../domain/clock';
import { exportCase as exportFile, type ExportedCase, type ExportSources } from '../../store/export-case';
import { ContainerTooLarge } from '../../evidence/zip';
import type { contract } from '../contract';
import type { Call, Reply } from '../http/bind';
import type { Service } from '../parts';
import { problem } from '../problems';
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
  const { bytes, stream } = await exportOrRefuse({ store: service.store, law: { archive: await everyVersion(service) }, documents: service.annexes.documents }, caseNumber, redacted);
  await recordAccess(service, asking, redacted ? 'export' : 'personal.unmask', { caseNumber, outcome: 'allowed' });
  return { status: 200, headers: fileHeaders(`${caseNumber}${redacted ? '-redacted' : ''}.zip`, 'application/zip', { 'Content-Length': String(bytes) }), stream };
};

async function exportOrRefuse(sources: ExportSources, caseNumber: string, redacted: boolean): Promise<ExportedCase> {
  try {
    return await exportFile(sources, caseNumber, { redacted });
  } catch (error) {
    if (!(error instanceof ContainerTooLarge)) throw error;
    throw problem('export-too-large', '案卷过大,请不含机密内容导出,材料逐件下载', `${error.message}: export it redacted, and download its documents one by one`, { allowed: { redacted: 'true' }, cause: error });
  }
}

/** The law this process began with and what was put in force since, by another one. */
async function everyVersion({ law, store }: Service): Promise<LawArchive> {
  const kept = await store.laws.findAll();
  return { policies: [...law.archive.policies, ...kept.policies], calendars: [...law.archive.calendars, ...kept.calendars] };
}
