/** Jest: swc for speed; every file starts the servers it needs on ports of their own, so that files run side by side. */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: { '^.+\\.(t|j|mj)s$': ['@swc/jest', {
    jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
  }] },
  // zod-openapi and jose ship ES modules only; Jest runs CommonJS.
  transformIgnorePatterns: ['/node_modules/(?!(zod-openapi|jose)/)'],
  globalSetup: '<rootDir>/test/support/setup.ts',
  globalTeardown: '<rootDir>/test/support/teardown.ts',
  // Files wait for servers more than they compute; more of them at once would only wait for each other.
  maxWorkers: 2,
  workerIdleMemoryLimit: '1GB',
  testTimeout: 60_000,
};
