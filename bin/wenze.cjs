#!/usr/bin/env node
'use strict';
/** The `wenze` command: runs the built CLI. On a bare clone there is none yet, and it says how to get one. */
const fs = require('node:fs');
const path = require('node:path');

const main = path.join(__dirname, '..', 'dist', 'cli', 'bin.js');
if (fs.existsSync(main)) require(main);
else {
  console.error('wenze 尚未编译 is not built yet: run "npm ci && npm run build" (npm start builds as well)');
  process.exitCode = 1;
}
