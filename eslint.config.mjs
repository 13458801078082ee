import tseslint from 'typescript-eslint';

/** Imports run one way: policy ← domain ← (workflows, activities, store, api); nothing imports api or worker. */
const rooms = {
  domain: ['store', 'api', 'worker', 'workflows', 'activities', 'systems', 'launch', 'client', 'cli'],
  workflows: ['store', 'api', 'worker', 'systems', 'launch', 'client', 'cli'],
  activities: ['api', 'worker', 'workflows', 'launch', 'client', 'cli'],
  store: ['api', 'worker', 'workflows', 'activities', 'systems', 'launch', 'client', 'cli'],
  systems: ['api', 'worker', 'workflows', 'activities', 'launch', 'client', 'cli'],
  documents: ['api', 'worker', 'workflows', 'activities', 'systems', 'client', 'cli'],
  letters: ['api', 'worker', 'workflows', 'activities', 'systems', 'client', 'cli'],
  outbox: ['api', 'worker', 'workflows', 'activities', 'systems', 'client', 'cli'],
  bulk: ['api', 'worker', 'workflows', 'activities', 'systems', 'client', 'cli'],
  api: ['worker', 'launch', 'cli', 'systems'],
};

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
  ...Object.entries(rooms).map(([room, forbidden]) => ({
    files: [`${room}/**/*.ts`],
    rules: {
      'no-restricted-imports': ['error', {
        patterns: forbidden.map((other) => ({ group: [`../${other}/*`, `../../${other}/*`, `../../../${other}/*`], message: `${room}/ may not import ${other}/` })),
      }],
    },
  })),
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
