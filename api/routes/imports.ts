import { BadColumns, BadTable, ColumnMapping, type ImportRecord } from '../../bulk';
import type { contract } from '../contract';
import { bodyOf, type Call, type Reply } from '../http/bind';
import type { Service } from '../parts';
import { instant } from '../present/case';
import { problem, type ApiProblem } from '../problems';
import { begun } from './begun';
import { fileHeaders } from './documents';
import { recordAccess } from './find-case';
import { unknownCaseType } from './start-case';

type CheckRoute = typeof contract.checkImport;
type StartRoute = typeof contract.startImport;
type GetRoute = typeof contract.getImport;
type ListRoute = typeof contract.listImports;
type ReportRoute = typeof contract.downloadImportReport;

const present = ({ _id, caseType, state, fileHash, createdAt, finishedAt, rows, counts, fault }: ImportRecord) => ({
  id: _id, type: caseType, state, fileSha256: fileHash, createdAt: instant(createdAt), finishedAt: finishedAt === null ? null : instant(finishedAt), rows, ...counts, fault,
});

/** The import of this id, for whom it belongs to. */
async function own(service: Service, call: Call<StartRoute> | Call<GetRoute> | Call<ReportRoute>): Promise<ImportRecord> {
  const found = await service.importer.store.find(call.params.importId);
  if (found === null || found.by.id !== call.caller.id) throw problem('unknown-import', `没有导入 ${call.params.importId}`, `you have no import "${call.params.importId}"`);
  return found;
}

/** POST /v1/imports: the dry run. */
export const checkImport = (service: Service) => async (call: Call<CheckRoute>): Promise<Reply<CheckRoute>> => {
  const definition = service.definitions.find(call.query.type);
  if (definition === undefined) throw unknownCaseType(service, call.query.type);
  try {
    const checked = await service.importer.check(call.caller, definition, mappingOf(call.query.mapping), bodyOf(call.raw));
    await recordAccess(service, { caller: call.caller, requestId: call.requestId }, 'case.import', { caseNumber: null, outcome: 'allowed' });
    return { status: 201, headers: { Location: `/v1/imports/${checked._id}` }, body: present(checked) };
  } catch (error) {
    if (error instanceof BadColumns) throw notATable(error, error.issues.map((issue) => ({ path: `column.${issue.column}`, message: issue.message })));
    if (error instanceof BadTable) throw notATable(error, [{ path: error.row === undefined ? 'body' : `row.${error.row}`, message: error.message }]);
    throw error;
  }
};

const notATable = (cause: Error, errors: readonly { readonly path: string; readonly message: string }[]): ApiProblem =>
  problem('invalid-fields', '表格不符合要求', 'the table is not as it must be', { errors, cause });

function mappingOf(given: string | undefined): ColumnMapping {
  if (given === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(given);
  } catch (error) {
    throw problem('invalid-fields', '列映射不是有效的 JSON', 'the mapping is not valid JSON', { errors: [{ path: 'query.mapping', message: 'not valid JSON' }], cause: error });
  }
  const parsed = ColumnMapping.safeParse(value);
  if (parsed.success) return parsed.data;
  throw problem('invalid-fields', '列映射不符合要求', 'the mapping is an object of texts', { errors: parsed.error.issues.map((issue) => ({ path: ['query.mapping', ...issue.path.map(String)].join('.'), message: issue.message })) });
}

/** POST /v1/imports/{importId}/start */
export const startImport = (service: Service) => async (call: Call<StartRoute>): Promise<Reply<StartRoute>> => {
  const { _id } = await own(service, call);
  const running = await service.importer.run(_id);
  if (running === null) throw problem('import-not-startable', '该次导入正在进行或已完成', 'the import is under way or done', { allowed: { see: `/v1/imports/${_id}` } });
  return { status: 202, headers: { Location: `/v1/imports/${_id}` }, body: present(running) };
};

/** GET /v1/imports/{importId} */
export const getImport = (service: Service) => async (call: Call<GetRoute>): Promise<Reply<GetRoute>> => ({ status: 200, body: present(await own(service, call)) });

/** GET /v1/imports */
export const listImports = (service: Service) => async (call: Call<ListRoute>): Promise<Reply<ListRoute>> =>
  ({ status: 200, body: { items: (await service.importer.store.list(call.caller.id, 100)).map(present) } });

/** GET /v1/imports/{importId}/report */
export const downloadImportReport = (service: Service) => async (call: Call<ReportRoute>): Promise<Reply<ReportRoute>> => {
  const { _id } = await own(service, call);
  return { status: 200, headers: fileHeaders(`import-${_id}.csv`, 'text/csv'), stream: await begun(service.importer.report(_id)) };
};
