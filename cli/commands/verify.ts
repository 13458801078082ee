/** `wenze verify`: checks an exported case offline, with nothing but the file. */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { plainWords, reportLines } from '../../evidence/report';
import { verifyExport } from '../../evidence/verify';
import { print, UsageError, type CliIo } from '../io';

/** Adds the command. */
export function registerVerify(program: Command, io: CliIo): void {
  program.command('verify <zip>')
    .description('案卷核验 · check an exported case: container, hashes, law, chain, seal, daily roots, every date; the exit code is 0 only when everything holds')
    .option('--root <hash>', 'a daily root as it was made public: the case must lie under it')
    .option('--json', 'answer as JSON', false)
    .action((file: string, options: { readonly root?: string; readonly json: boolean }) => run(file, options, io));
}

async function run(file: string, { root, json }: { readonly root?: string; readonly json: boolean }, io: CliIo): Promise<void> {
  if (root !== undefined && !/^[0-9a-f]{64}$/.test(root)) throw new UsageError('--root: is not a SHA-256 in lower-case hexadecimal');
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  });
  const report = verifyExport(bytes, root === undefined ? {} : { published: root });
  if (json) await print(io, JSON.stringify(report));
  else for (const line of reportLines(report)) await print(io, line);
  if (report.first !== null) throw new UsageError(plainWords(`${file} does not hold: ${report.first.place}: ${report.first.what.en}`));
}
