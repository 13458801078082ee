import {
  isGrpcCancelledError, isGrpcDeadlineError, isGrpcServiceError, QueryNotRegisteredError, ServiceError, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApiProblem, problem } from '../problems';
import { retryAfterSeconds, retryIsSafe } from '../http/errors';

/** gRPC codes that say nothing of the request, only that the server (or a worker behind it) did not serve it just now. */
const transient = new Set([1 /* CANCELLED */, 2 /* UNKNOWN */, 4 /* DEADLINE_EXCEEDED */, 8 /* RESOURCE_EXHAUSTED */, 10 /* ABORTED */, 13 /* INTERNAL */, 14 /* UNAVAILABLE */]);

const failedPrecondition = new Set([9]);

/**
 * What Temporal's client throws → the problem it is: `engine-unavailable` when the server or every worker is away, else an error of ours.
 * A caller that got it does not know whether the request was taken; with an Idempotency-Key it may simply send it again.
 */
export function engineAway(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (isAway(error)) {
    return problem('engine-unavailable', `流程引擎暂时没有应答;${retryIsSafe.zh}。`, `The workflow engine does not answer just now; ${retryIsSafe.en}.`, { retryAfterSeconds, cause: error });
  }
  return problem('internal-error', '系统内部错误,已记录', 'an error of ours; it is on record under the request id', { cause: error });
}

function isAway(error: unknown): boolean {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isGrpcDeadlineError(error) || isGrpcCancelledError(error)) return true;
  if (error instanceof QueryNotRegisteredError || error instanceof WorkflowUpdateFailedError) return false;
  const grpc = isGrpcServiceError(error) ? error : error instanceof ServiceError && isGrpcServiceError(error.cause) ? error.cause : undefined;
  // A procedure that cannot go on just now (its worker is of another version): the case is safe and takes the request later.
  if (grpc !== undefined) return transient.has(grpc.code) || (failedPrecondition.has(grpc.code) && /workflow task in failed state/i.test(grpc.message));
  // The lazy connection's own failure to connect.
  return error instanceof Error && /Failed to connect|connect timeout|ECONNREFUSED/i.test(error.message);
}
