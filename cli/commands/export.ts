/** `wenze export`: a case as a file that proves itself, through the API (WENZE_URL, WENZE_TOKEN or WENZE_API_KEY) or straight from the store. */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { Command } from 'commander';
import { contract } from '../../api/contract';
import { exportCase, NoSuchCase } from '../../store/export-case';
import { ContainerTooLarge } from '../../evidence/zip';
import { print, UsageError, type CliIo } from '../io';
import { withStore } from '../store';

interface Options { readonly output?: string; readonly redacted: boolean; readonly by: string }

/** Adds the command. */
export function registerExport(program: Command, io: CliIo): void {
  program.command('export <case>')
    .description('案卷导出 · export a case as a zip that `wenze verify` checks offline; through the API when WENZE_URL is set (WENZE_TOKEN or WENZE_API_KEY), else from MONGODB_URI')
    .option('-o, --output <file>', 'where to write it; left out: <case>.zip')
    .option('--redacted', 'leave out everything confidential', false)
    .option('--by <user>', 'straight from the store: who exports, for the audit', 'operator')
    .action((caseNumber: string, options: Options) => run(caseNumber, options, io));
}

async function run(caseNumber: string, options: Options, io: CliIo): Promise<void> {
  const url = io.env['WENZE_URL'];
  const file = options.output ?? `${caseNumber}${options.redacted ? '-redacted' : ''}.zip`;
  const bytes = url ? await keep(await fromApi(url, caseNumber, options, io), file) : await fromStore(caseNumber, options, io, file);
  await print(io, `${file} (${bytes} bytes)`);
}

/** Writes a stream to a file, which is there whole or not at all. Gives its length. */
export async function keep(source: Readable, file: string): Promise<number> {
  const part = `${file}.part`;
  const target = createWriteStream(part);
  try {
    await pipeline(source, target);
    await rename(part, file);
    return target.bytesWritten;
  } catch (error) {
    await rm(part, { force: true });
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function fromApi(url: string, caseNumber: string, { redacted }: Options, { env }: CliIo): Promise<Readable> {
  const [token, key] = [env['WENZE_TOKEN'], env['WENZE_API_KEY']];
  if (!token && !key) throw new UsageError('WENZE_URL is set: set WENZE_TOKEN (of a session) or WENZE_API_KEY as well');
  const address = `${url.replace(/\/+$/, '')}${contract.exportCase.path.replace('{caseNumber}', encodeURIComponent(caseNumber))}?redacted=${redacted}`;
  const response = await fetch(address, { headers: token ? { authorization: `Bearer ${token}` } : { 'x-api-key': key ?? '' }, signal: AbortSignal.timeout(600_000) })
    .catch((error: unknown) => { throw new UsageError(`nobody answers at WENZE_URL: ${error instanceof Error ? error.message : String(error)}`); });
  if (!response.ok) throw new UsageError(`${response.status} ${await response.text()}`);
  return Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
}

function fromStore(caseNumber: string, { redacted, by }: Options, io: CliIo, file: string): Promise<number> {
  return withStore(io, async ({ store, law, documents }) => {
    try {
      const { stream } = await exportCase({ store, law, documents }, caseNumber, { redacted });
      await store.audit.record({ at: Date.now(), user: by, organ: null, action: redacted ? 'export' : 'personal.unmask', caseNumber, outcome: 'allowed', reason: null, requestId: 'cli' });
      return await keep(stream, file);
    } catch (error) {
      if (error instanceof NoSuchCase || error instanceof ContainerTooLarge) throw new UsageError(error.message);
      throw error;
    }
  });
}
