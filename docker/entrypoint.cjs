'use strict';
/**
 * Starts the process named on the command line: `api`, `worker` or `systems`, or runs the operator's command `wenze …`. In demo mode the secrets that are not set come from a volume the processes
 * share, made by whichever is first; otherwise the environment must hold them, and the process itself says which are missing.
 */
const fs = require('node:fs');
const path = require('node:path');

const name = process.argv[2];
const main = path.join(__dirname, '..', 'dist', ...(name === 'wenze' ? ['cli', 'bin.js'] : [String(name), 'main.js']));
if (name === undefined || !/^[a-z]+$/.test(name) || !fs.existsSync(main)) {
  console.error('usage: entrypoint.cjs api | worker | systems | wenze …');
  process.exit(2);
}
if (['1', 'true'].includes(process.env.WENZE_DEMO ?? '')) {
  const { demoSecrets } = require('../dist/launch/secrets.js');
  Object.assign(process.env, demoSecrets(process.env.WENZE_DATA || '/var/lib/wenze', process.env));
}
if (name === 'wenze') process.argv.splice(2, 1);
require(main);
