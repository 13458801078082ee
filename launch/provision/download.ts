import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { messageOf } from './paths';

/** Milliseconds until a server's first answer; a machine without a route is recognised within this. */
const answerLimitMs = 4_000;

/**
 * Opens a URL: throws within seconds when the host cannot be reached or does not answer. The body may then take as long as it takes.
 */
export async function open(url: string, method: 'GET' | 'HEAD' = 'GET'): Promise<Response> {
  const cutoff = new AbortController();
  const timer = setTimeout(() => cutoff.abort(), answerLimitMs);
  try {
    const response = await fetch(url, { method, signal: cutoff.signal });
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

/** Downloads to a file, whole or not at all. */
export async function download(url: string, file: string): Promise<void> {
  const response = await open(url);
  if (response.body === null) throw new Error(`${new URL(url).host} sent nothing`);
  await mkdir(path.dirname(file), { recursive: true });
  try {
    // The DOM and Node typings of a web stream differ in name only.
    await pipeline(Readable.fromWeb(response.body as ReadableStream<Uint8Array>), createWriteStream(file));
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}
