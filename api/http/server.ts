import { randomUUID } from 'node:crypto';
import { createServer, STATUS_CODES, type RequestListener, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { problem, type ApiProblem } from '../problems';

/** How long a caller may take; milliseconds. */
export interface Patience {
  /** For the head of a request. */
  readonly head: number;
  /** For a whole request: the largest document on a line of 2 Mbit/s. */
  readonly request: number;
  /** For a sign of life, of who sends as of who reads. */
  readonly silence: number;
}

export const usualPatience: Patience = { head: 10_000, request: 240_000, silence: 60_000 };

/**
 * The HTTP server of the API. What never becomes a request, because it is no HTTP, too long or too slow, is answered with a problem like everything
 * else; a caller who neither sends nor reads is let go.
 */
export function createHttpServer(app: RequestListener, patience: Patience = usualPatience): Server {
  const options: ServerOptions = {
    headersTimeout: patience.head, requestTimeout: patience.request, keepAliveTimeout: 65_000, connectionsCheckingInterval: Math.min(5_000, patience.head),
  };
  const server = createServer(options, app);
  server.setTimeout(patience.silence);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET') socket.destroy();
    else refuse(socket, error.code);
  });
  server.on('timeout', (socket: Socket) => {
    const answer = answerOn(socket);
    // The request is here and the answer is not: it is we who take long.
    if (answer?.req.complete === true && !answer.headersSent) return;
    if (answer === null) socket.destroy();
    else refuse(socket, 'ERR_HTTP_REQUEST_TIMEOUT');
  });
  return server;
}

/** The answer a connection waits for; Node keeps it there. */
const answerOn = (socket: Duplex): ServerResponse | null => (socket as { readonly _httpMessage?: ServerResponse | null })._httpMessage ?? null;

/** Says what is wrong and ends the connection; where an answer has begun a second head would be worse than none. */
function refuse(socket: Duplex, code: string | undefined): void {
  if (!socket.writable || answerOn(socket)?.headersSent === true) socket.destroy();
  else socket.end(rawAnswer(problemOf(code)));
}

function problemOf(code: string | undefined): ApiProblem {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT': return problem('request-timeout', '请求未在规定时间内送达', 'the request did not arrive in time');
    case 'HPE_HEADER_OVERFLOW': return problem('head-too-large', '请求头过大', 'the head of the request is too large');
    default: return problem('malformed-request', '不是有效的 HTTP 请求', 'this is not a valid HTTP request');
  }
}

function rawAnswer(wrong: ApiProblem): string {
  const id = randomUUID();
  const body = JSON.stringify(wrong.toBody(id));
  const head = [
    `HTTP/1.1 ${wrong.status} ${STATUS_CODES[wrong.status] ?? ''}`, 'Content-Type: application/problem+json; charset=utf-8', `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${id}`, 'Cache-Control: no-store', 'Connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
