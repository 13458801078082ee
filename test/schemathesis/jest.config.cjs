/** Schemathesis takes minutes, so it is a run of its own: `npx jest -c test/schemathesis/jest.config.cjs` */
const base = require('../../jest.config.cjs');

module.exports = { ...base, rootDir: '../..', testMatch: ['<rootDir>/test/schemathesis/*.check.ts'] };
