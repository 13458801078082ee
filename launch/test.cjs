'use strict';
/**
 * `npm test [-- <jest arguments>]`: installs and builds what is missing, has the servers the tests start, runs Jest. The very last line is
 * `N passed, N failed`; the exit code is 0 only when something passed and nothing failed.
 */
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { root, run, setUp } = require('./setup.cjs');

async function main() {
  await setUp();
  await haveServers();
  const summary = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'wenze-tests-')), 'summary.json');
  // Ours come last: Jest would take a file named after `--reporters` for one more reporter.
  const code = await run(process.execPath, [
    path.join(root, 'node_modules', 'jest', 'bin', 'jest.js'), ...process.argv.slice(2), '--forceExit', '--reporters=default', `--reporters=${path.join(root, 'launch', 'reporter.cjs')}`,
  ], { env: { ...process.env, WENZE_TEST_SUMMARY: summary } });
  const { passed, failed } = readSummary(summary, code);
  fs.rmSync(path.dirname(summary), { recursive: true, force: true });
  process.stdout.write(`${passed} passed, ${failed} failed\n`, () => process.exit(code === 0 && failed === 0 && passed > 0 ? 0 : code || 1));
}

/** Fetched before Jest starts, so that no test's time limit pays for a download. */
async function haveServers() {
  const { temporalCli, temporalTestServer } = require(path.join(root, 'dist', 'launch', 'provision', 'temporal.js'));
  const { mongoProgram } = require(path.join(root, 'dist', 'launch', 'provision', 'mongo.js'));
  const tell = (line) => console.log(line);
  await Promise.all([temporalCli(tell), temporalTestServer(tell), mongoProgram(tell)]);
}

/** Jest that ended without a word (killed, out of memory, bad arguments) counts as one failure. */
function readSummary(file, code) {
  if (!fs.existsSync(file)) return { passed: 0, failed: code === 0 ? 0 : 1 };
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.stdout.write('0 passed, 1 failed\n', () => process.exit(1));
});
