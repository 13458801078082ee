import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { run } from './command';
import { messageOf } from './paths';

/** Milliseconds until a server's first answer; a machine without a route is recognised within this. */
const answerLimitMs = 4_000;

/**
 * Opens a URL: throws within seconds when the host cannot be reached or does not answer. The body may then take as long as it takes.
 */
export async function open(url: string): Promise<Response> {
  const cutoff = new AbortController();
  const timer = setTimeout(() => cutoff.abort(), answerLimitMs);
  try {
    const response = await fetch(url, { signal: cutoff.signal });
    if (!response.ok) throw new Error(`${new URL(url).host} answered ${response.status}`);
    return response;
  } catch (error) {
    if (cutoff.signal.aborted) throw new Error(`${new URL(url).host} did not answer within ${answerLimitMs / 1000} s`);
    // `fetch failed` says nothing; its cause does.
    const cause = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined;
    if (cause !== undefined) throw new Error(`no route to ${new URL(url).host}: ${messageOf(cause)}`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Downloads a .tar.gz and unpacks it into `folder`; `begun` is called once the host answers. */
export async function downloadArchive(url: string, folder: string, begun: () => void): Promise<void> {
  const response = await open(url);
  if (response.body === null) throw new Error(`${new URL(url).host} sent nothing`);
  begun();
  const work = await mkdtemp(path.join(os.tmpdir(), 'wenze-download-'));
  try {
    const archive = path.join(work, 'archive.tar.gz');
    // The DOM and Node typings of a web stream differ in name only.
    await pipeline(Readable.fromWeb(response.body as ReadableStream<Uint8Array>), createWriteStream(archive));
    await run('tar', ['-xzf', archive, '-C', folder], { limitMs: 300_000 });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
