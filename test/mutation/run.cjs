/** Runs tests once for each change of a source, in memory: a change that no test notices is a rule that nothing holds. */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const root = path.resolve(__dirname, '..', '..');
const base = require(path.join(root, 'jest.config.cjs'));

/**
 * Makes each change `{file, name, from, to, at}` (`file` from the root; `at`: where `from` stands, -1 where it does not) whose name has one of the parts
 * given on the command line, and ends the process: 0 when the tests `testMatch` noticed each, 1 when one survived or is gone, 2 when they fail without any.
 */
module.exports = function runMutations(all, { testMatch, script }) {
  const gone = all.filter(({ at }) => at === -1);
  for (const { name, file } of gone) console.log(`GONE      ${name}: ${file} does not say this any more; mend ${script}`);
  const parts = process.argv.slice(2);
  const wanted = all.filter(({ at, name }) => at !== -1 && (parts.length === 0 || parts.some((part) => name.includes(part))));
  const [[pattern, [, swcOptions]]] = Object.entries(base.transform);
  const config = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'wenze-mutation-')), 'jest.config.json');
  fs.writeFileSync(config, JSON.stringify({
    rootDir: root, testEnvironment: 'node', roots: base.roots, testTimeout: base.testTimeout, transformIgnorePatterns: base.transformIgnorePatterns,
    testMatch: [testMatch], transform: { [pattern]: [path.join(__dirname, 'transform.cjs'), swcOptions] },
  }));
  const run = (mutation) => spawnSync(process.execPath, [path.join(root, 'node_modules', 'jest', 'bin', 'jest.js'), '-c', config, '--bail', '--silent', '--runInBand'], {
    cwd: root, encoding: 'utf8', env: { ...process.env, WENZE_MUTATION: JSON.stringify(mutation) },
  });
  const sound = run(null);
  if (sound.status !== 0) {
    console.log(`the tests fail without any change:\n${sound.stderr}`);
    process.exit(2);
  }
  const survivors = wanted.filter((mutation) => {
    const { status, stderr } = run({ ...mutation, file: path.join(root, mutation.file) });
    const survived = status === 0;
    const by = /● (.+)/.exec(stderr)?.[1] ?? '';
    console.log(`${survived ? 'SURVIVED ' : 'noticed  '} ${mutation.name}${survived ? '' : `  ← ${by}`}`);
    return survived;
  });
  console.log(`${wanted.length} changes, ${wanted.length - survivors.length} noticed, ${survivors.length} survived, ${gone.length} gone`);
  process.exit(survivors.length === 0 && gone.length === 0 ? 0 : 1);
};
