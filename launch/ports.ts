import { createServer } from 'node:net';
import { isFileError } from './provision/paths';

/** A TCP port of 127.0.0.1 that is free now. */
export function freePort(): Promise<number> {
  return listenOnce(0);
}

/** The wanted port if it is free on 127.0.0.1 and on all interfaces, else another free one. */
export async function wantedOrFreePort(wanted: number): Promise<number> {
  try {
    await listenOnce(wanted, '0.0.0.0');
    return await listenOnce(wanted);
  } catch (error) {
    if (isFileError(error) && (error.code === 'EADDRINUSE' || error.code === 'EACCES')) return freePort();
    throw error;
  }
}

function listenOnce(port: number, host = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}
