import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { readable } from './readable';

/**
 * Marks every summary a procedure gives to its timers, activities and linked cases as readable, in one place, so that no procedure has to think of it.
 * Loaded by path into the workflow bundle, as the failure converter is: it imports nothing but the SDK's types.
 */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [{
    startTimer: (input, next) => next(input.options?.summary === undefined ? input : { ...input, options: { ...input.options, summary: readable(input.options.summary) } }),
    scheduleActivity: (input, next) => next({ ...input, options: withSummary(input.options) }),
    scheduleLocalActivity: (input, next) => next({ ...input, options: withSummary(input.options) }),
    startChildWorkflowExecution: (input, next) => next(input.options.staticSummary === undefined ? input : { ...input, options: { ...input.options, staticSummary: readable(input.options.staticSummary) } }),
  }],
});

function withSummary<O extends { readonly summary?: string }>(options: O): O {
  return options.summary === undefined ? options : { ...options, summary: readable(options.summary) };
}
