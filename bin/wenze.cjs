#!/usr/bin/env node
'use strict';
/** The `wenze` command: runs the built command line, and builds it first where it is missing or older than its sources. */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const main = path.join(root, 'dist', 'cli', 'bin.js');
const compiler = path.join(root, 'node_modules', '.bin', 'tsc');
/** The rooms the command line is made of. */
const ROOMS = ['api', 'cli', 'client', 'crypto', 'documents', 'domain', 'evidence', 'outbox', 'policy', 'process', 'store', 'systems'];

function newestSource(place) {
  const stat = fs.statSync(place, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return place.endsWith('.ts') ? stat.mtimeMs : 0;
  return Math.max(0, ...fs.readdirSync(place).map((name) => newestSource(path.join(place, name))));
}

/** Builds where there is a compiler; its words go to stderr, because stdout belongs to the command. */
function build() {
  console.error('wenze: 正在编译 compiling …');
  const { status, signal } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.json'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) console.error(`wenze: 编译有误 the sources do not compile (${status ?? signal})`);
  // Sources that came to the same output leave its time as it was; what counts is that they were looked at.
  else if (fs.existsSync(main)) fs.utimesSync(main, new Date(), new Date());
}

const built = fs.statSync(main, { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (fs.existsSync(compiler) && ROOMS.some((room) => newestSource(path.join(root, room)) > built)) build();
if (fs.existsSync(main)) require(main);
else {
  console.error('wenze 尚未编译 is not built yet: run "npm ci && npm run build" (npm start builds as well)');
  process.exitCode = 1;
}
