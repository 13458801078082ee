import { existsSync } from 'node:fs';
import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker, type WorkflowBundleOption, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { CaseActivities } from '../activities';
import type { Keyring } from '../crypto/keyring';
import { createDataConverter, failureConverterPath, summariesPath } from '../temporal/codec';

/** What a worker is made of. */
export interface WorkerOptions {
  readonly address: string;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly keyring: Keyring;
  readonly activities: CaseActivities;
  /** Module that exports the workflow functions; the product's own unless a test brings another. */
  readonly workflowsPath?: string;
  /** A bundle made before, for tests that start several workers. */
  readonly bundle?: WorkflowBundleOption;
}

/** The product's workflow module, as source in tests and as built code in a start. */
export const productWorkflows = path.join(__dirname, '../workflows');

/** Where the build leaves the bundle of the product's workflows. */
export const bundlePath = path.join(__dirname, '../workflow-bundle.js');

/** Bundles workflow code; its failures are sealed like everything else, its summaries stay readable. */
export function bundleWorkflows(workflowsPath: string = productWorkflows): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({ workflowsPath: require.resolve(workflowsPath), failureConverterPath, workflowInterceptorModules: [summariesPath], logger: new DefaultLogger('WARN') });
}

/** The bundle the build made, else one made now. */
async function findBundle(workflowsPath: string | undefined): Promise<WorkflowBundleOption> {
  if (workflowsPath === undefined && existsSync(bundlePath)) return { codePath: bundlePath };
  return bundleWorkflows(workflowsPath);
}

/** A worker on an existing Temporal server, ready to `run()`. Rejects when the server cannot be reached. */
export async function createWorker(options: WorkerOptions): Promise<{ worker: Worker; connection: NativeConnection }> {
  const connection = await NativeConnection.connect({ address: options.address });
  const worker = await Worker.create({
    connection,
    namespace: options.namespace,
    taskQueue: options.taskQueue,
    activities: options.activities,
    dataConverter: createDataConverter(options.keyring),
    workflowBundle: options.bundle ?? await findBundle(options.workflowsPath),
    maxCachedWorkflows: 2_000,
    shutdownGraceTime: '5 seconds',
    shutdownForceTime: '8 seconds',
  });
  return { worker, connection };
}
