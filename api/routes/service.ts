import type { Registry } from 'prom-client';
import type { contract } from '../contract';
import type { Reply } from '../http/bind';
import { isStoreAway } from '../http/errors';
import type { Service } from '../parts';
import { docsPage, problemsPage } from '../docs/pages';

type Ready = typeof contract.readReadiness;

/** GET /openapi.json: made once, from the contract and the definitions. */
export const readOpenApi = (document: Record<string, unknown>) => (): Reply<typeof contract.readOpenApi> => ({ status: 200, body: document });
/** GET /docs */
export const readDocs = (): Reply<typeof contract.readDocs> => ({ status: 200, body: docsPage });
/** GET /docs/problems */
export const readProblems = (): Reply<typeof contract.readProblems> => ({ status: 200, body: problemsPage() });
/** GET /healthz: the process lives; says nothing of what stands behind it. */
export const readHealth = (): Reply<typeof contract.readHealth> => ({ status: 200, body: { status: 'ok' } });

/** GET /readyz: Temporal and MongoDB answer. */
export const readReadiness = (service: Service) => async (): Promise<Reply<Ready>> => {
  const [temporal, mongodb] = await Promise.all([service.gateway.reachable(), storeReachable(service)]);
  const parts = { temporal: temporal ? 'ok' : 'away', mongodb: mongodb ? 'ok' : 'away' } as const;
  return temporal && mongodb ? { status: 200, body: { status: 'ready', ...parts } } : { status: 503, headers: { 'Retry-After': '3' }, body: { status: 'not-ready', ...parts } };
};

async function storeReachable(service: Service): Promise<boolean> {
  try {
    await service.store.connection.db.command({ ping: 1 });
    return true;
  } catch (error) {
    if (!isStoreAway(error)) throw error;
    return false;
  }
}

/** GET /metrics */
export const readMetrics = (registry: Registry) => async (): Promise<Reply<typeof contract.readMetrics>> => ({ status: 200, body: await registry.metrics() });
