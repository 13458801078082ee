/**
 * Jest's transform with one rule changed: the change comes as JSON `{file, from, to, at}` in WENZE_MUTATION, and touches no file on disk.
 * Properties are tried on a twentieth of their random cases: a rule that is gone is noticed soon or by none.
 */
const path = require('node:path');
const swc = require('@swc/jest');

const mutation = JSON.parse(process.env.WENZE_MUTATION ?? 'null');

module.exports = {
  createTransformer(options) {
    const inner = swc.createTransformer(options);
    return {
      ...inner,
      process(source, file, context) {
        return inner.process(mutated(source, file), file, context);
      },
      getCacheKey(source, file, context) {
        return inner.getCacheKey(mutated(source, file), file, context);
      },
    };
  },
};

function mutated(given, file) {
  const source = file.endsWith('.test.ts') ? given.replaceAll(/numRuns: ([\d_]+)/g, (_, runs) => `numRuns: ${Math.ceil(Number(runs.replaceAll('_', '')) / 20)}`) : given;
  if (mutation === null || path.resolve(file) !== path.resolve(mutation.file)) return source;
  return source.slice(0, mutation.at) + mutation.to + source.slice(mutation.at + mutation.from.length);
}
