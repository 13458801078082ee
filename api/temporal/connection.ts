import { AsyncLocalStorage } from 'node:async_hooks';
import { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor, type Headers, type WorkflowClientInterceptor } from '@temporalio/client';
import { defaultPayloadConverter, type DataConverter } from '@temporalio/common';
import { readable } from '../../temporal/readable';

/** The id of the request being served, for what it sends to Temporal, and whether it stands in the audit already. */
export const requestContext = new AsyncLocalStorage<{ readonly requestId: string; audited?: boolean }>();

/** Header under which a request id stands in Temporal's history, so that an event leads back to the log line. */
export const requestIdHeader = 'wenze-request-id';

function withRequestId(headers: Headers): Headers {
  const id = requestContext.getStore()?.requestId;
  return id === undefined ? headers : { ...headers, [requestIdHeader]: defaultPayloadConverter.toPayload(id) };
}

/** The summary is what managers read in Temporal's lists; everything else is sealed. */
function withReadableSummary<O extends { readonly staticSummary?: string }>(options: O): O {
  return options.staticSummary === undefined ? options : { ...options, staticSummary: readable(options.staticSummary) };
}

const interceptor: WorkflowClientInterceptor = {
  start: (input, next) => next({ ...input, headers: withRequestId(input.headers), options: withReadableSummary(input.options) }),
  startUpdate: (input, next) => next({ ...input, headers: withRequestId(input.headers) }),
};

/**
 * A client that connects when it is first used, and that gives up on a server that is away within about a second, rather than trying ten
 * times as the default does: a caller at the door is waiting. It finds a server that is back within a second.
 */
export function connectTemporal(options: { readonly address: string; readonly namespace: string; readonly dataConverter: DataConverter }): { client: Client; connection: Connection } {
  const connection = Connection.lazy({
    address: options.address,
    connectTimeout: 2_000,
    interceptors: [makeGrpcRetryInterceptor(defaultGrpcRetryOptions({ maxAttempts: 4 }))],
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': 200, 'grpc.min_reconnect_backoff_ms': 200, 'grpc.max_reconnect_backoff_ms': 1_000 },
  });
  const client = new Client({
    connection, namespace: options.namespace, dataConverter: options.dataConverter, interceptors: { workflow: [interceptor] },
  });
  return { client, connection };
}
