'use strict';
/**
 * What `npm start` and `npm test` need before any of our compiled code can run: the packages, and the build. Plain JavaScript on Node's own modules,
 * because on a bare clone there is nothing else.
 */
const { spawn } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const lockStamp = path.join(root, 'node_modules', '.wenze-lock');
const buildStamp = path.join(root, 'dist', '.stamp');

/** Its message is for whoever typed the command; a stack would not help. */
class SetUpError extends Error {
  name = 'SetUpError';
}

/** Runs a program with our terminal; resolves with its exit code. It ends with us. */
function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit', ...options });
    const pass = (signal) => child.kill(signal);
    process.on('SIGTERM', pass);
    process.on('SIGINT', pass);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      process.off('SIGTERM', pass);
      process.off('SIGINT', pass);
      // Killed by a signal: the caller ends as well.
      resolve(signal === null ? code : 130);
    });
  });
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) throw new SetUpError(`Node ${process.versions.node} is too old: 20.19 or later is needed.`);
}

/** `npm ci` when node_modules is missing or was installed from another lock file. */
async function ensurePackages() {
  const wanted = createHash('sha256').update(fs.readFileSync(path.join(root, 'package-lock.json'))).digest('hex');
  if (installedAs(wanted)) return;
  console.log('installing packages (npm ci) …');
  const code = await run('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], { env: withoutNpmContext() });
  if (code !== 0) throw new SetUpError(`npm ci failed (${code}): it needs a package registry it can reach. Its reason stands above.`);
  fs.writeFileSync(lockStamp, wanted);
}

function installedAs(wanted) {
  if (fs.existsSync(lockStamp)) return fs.readFileSync(lockStamp, 'utf8') === wanted;
  // Installed by hand: npm's own note is as new as the lock file.
  const note = path.join(root, 'node_modules', '.package-lock.json');
  if (!fs.existsSync(note) || fs.statSync(note).mtimeMs < fs.statSync(path.join(root, 'package-lock.json')).mtimeMs) return false;
  fs.writeFileSync(lockStamp, wanted);
  return true;
}

/** npm hands its own settings to scripts by environment; a nested npm must not take the outer command's switches for its own. */
function withoutNpmContext() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(config_(ignore_scripts|omit|include|production|only)|lifecycle|command|package)/i.test(name)));
}

/** Compiles when any source is newer or other than at the last build. */
async function ensureBuild() {
  const now = sourcesStamp();
  if (fs.existsSync(buildStamp) && fs.readFileSync(buildStamp, 'utf8') === now) return;
  console.log('compiling …');
  const code = await run(process.execPath, [path.join(root, 'node_modules', '.bin', 'tsc'), '-p', 'tsconfig.json']);
  if (code !== 0) throw new SetUpError('The sources do not compile.');
  const bundled = await run(process.execPath, [path.join(root, 'dist', 'worker', 'bundle.js')]);
  if (bundled !== 0) throw new SetUpError('The workflows cannot be bundled.');
  fs.writeFileSync(buildStamp, now);
}

function sourcesStamp() {
  const hash = createHash('sha256');
  const { include } = JSON.parse(fs.readFileSync(path.join(root, 'tsconfig.json'), 'utf8'));
  hash.update(fs.readFileSync(path.join(root, 'tsconfig.json')));
  for (const folder of [...include, 'package-lock.json']) addToStamp(path.join(root, folder), hash);
  return hash.digest('hex');
}

function addToStamp(place, hash) {
  const stat = fs.statSync(place, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (stat.isDirectory()) {
    for (const entry of fs.readdirSync(place).sort()) addToStamp(path.join(place, entry), hash);
  } else if (/\.(ts|json)$/.test(place)) {
    hash.update(`${path.relative(root, place)} ${stat.size} ${stat.mtimeMs}\n`);
  }
}

/** Packages and build. Throws SetUpError when either cannot be had. */
async function setUp() {
  checkNode();
  await ensurePackages();
  await ensureBuild();
}

module.exports = { SetUpError, root, run, setUp, ensurePackages };
