import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import type { WorkflowBundlePath } from '@temporalio/worker';
import { bundleWorkflows, productWorkflows } from '../../worker/worker';
import { runFile } from './server-folders';

/** Workflow code bundled once for all test files of a run; the run's end removes it. */
export async function bundleOnce(workflowsPath: string = productWorkflows): Promise<WorkflowBundlePath> {
  const codePath = await runFile(`bundle-${createHash('sha256').update(require.resolve(workflowsPath)).digest('hex').slice(0, 12)}.js`);
  if (existsSync(codePath)) return { codePath };
  const { code } = await bundleWorkflows(workflowsPath);
  writeFileSync(`${codePath}.new`, code);
  renameSync(`${codePath}.new`, codePath);
  return { codePath };
}
