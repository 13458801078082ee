/** Jest: swc for speed, one worker because Temporal environments own ports, time and native threads. */
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
  globalTeardown: '<rootDir>/test/support/teardown.ts',
  testTimeout: 60_000,
};
