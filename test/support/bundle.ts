import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import type { WorkflowBundlePath } from '@temporalio/worker';
import { bundleWorkflows, productWorkflows } from '../../worker/worker';
import { runFile } from './server-folders';

/** Workflow code bundled once for all test files of a run; the run's end removes it. Two workers that bundle at once leave the same file. */
export async function bundleOnce(workflowsPath: string = productWorkflows): Promise<WorkflowBundlePath> {
  const codePath = runFile(`bundle-${createHash('sha256').update(require.resolve(workflowsPath)).digest('hex').slice(0, 12)}.js`);
  if (existsSync(codePath)) return { codePath };
  const { code } = await bundleWorkflows(workflowsPath);
  const made = `${codePath}.${process.pid}`;
  writeFileSync(made, code);
  renameSync(made, codePath);
  return { codePath };
}
