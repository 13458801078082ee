import tseslint from 'typescript-eslint';

/**
 * Imports run one way: policy ← domain ← (workflows, activities, store, api); nothing but the outermost rooms imports api or worker.
 * Per room, the rooms it may import; all others are refused. The outermost (launch, cli, test, bench) may import any.
 */
const mayImport = {
  domain: [],
  crypto: [],
  policy: ['domain', 'crypto'],
  process: ['domain'],
  temporal: ['domain', 'crypto'],
  workflows: ['domain', 'activities', 'temporal'],
  store: ['domain', 'crypto', 'policy', 'evidence'],
  evidence: ['domain', 'crypto', 'policy'],
  documents: ['domain', 'crypto', 'store', 'evidence'],
  letters: ['domain'],
  outbox: ['domain', 'crypto', 'store'],
  bulk: ['domain', 'crypto', 'documents'],
  systems: ['domain', 'crypto', 'process', 'store'],
  activities: ['domain', 'crypto', 'policy', 'store', 'evidence', 'systems'],
  worker: ['domain', 'crypto', 'policy', 'process', 'store', 'evidence', 'systems', 'temporal', 'activities', 'workflows'],
  api: ['domain', 'crypto', 'policy', 'process', 'store', 'evidence', 'documents', 'letters', 'outbox', 'bulk', 'temporal'],
  client: ['domain', 'api'],
};
const allRooms = [...Object.keys(mayImport), 'launch', 'cli', 'test', 'bench'];

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', '.data/**', '.cache/**', '**/*.cjs', '**/*.mjs'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' }],
      'no-empty': 'error',
    },
  },
  // Only what leaves the room is meant: a file of the room, or a folder in it, may bear another room's name (store/documents).
  ...Object.entries(mayImport).flatMap(([room, allowed]) => [[`${room}/*.ts`, '\\.\\./'], [`${room}/*/**/*.ts`, '(\\.\\./){2,}']].map(([files, out]) => ({
    files: [files],
    rules: {
      'no-restricted-imports': ['error', {
        patterns: allRooms.filter((other) => other !== room && !allowed.includes(other)).map((other) => ({ regex: `^${out}${other}(/|$)`, message: `${room}/ may not import ${other}/` })),
      }],
    },
  }))),
  {
    files: ['workflows/**/*.ts', 'domain/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'Buffer', 'require', '__dirname', 'fetch'],
      '@typescript-eslint/no-restricted-imports': ['error', {
        patterns: [{ group: ['node:*', 'fs', 'path', 'crypto', 'mongodb', 'express'], message: 'workflow and domain code is pure: no Node built-ins, no I/O' }],
      }],
    },
  },
);
