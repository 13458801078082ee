import { writeFileSync } from 'node:fs';
import { bundlePath, bundleWorkflows } from './worker';

/** Run by the build: bundles the procedures once, so that a worker starts without doing it. */
bundleWorkflows().then(
  ({ code }) => writeFileSync(bundlePath, code),
  (error: unknown) => {
    process.stderr.write(`the workflows cannot be bundled: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
