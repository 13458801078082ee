import { Readable } from 'node:stream';

/** The same bytes, the first of them at hand: what goes wrong before that is still told as a problem, where later it can only break the answer off. */
export async function begun(stream: Readable): Promise<Readable> {
  const pieces = stream[Symbol.asyncIterator]() as AsyncIterableIterator<Uint8Array>;
  const first = await pieces.next();
  return Readable.from(goingOn(stream, first, pieces), { objectMode: false });
}

async function* goingOn(stream: Readable, first: IteratorResult<Uint8Array>, rest: AsyncIterableIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (first.done !== true) yield first.value;
    yield* rest;
  } finally {
    stream.destroy();
  }
}
