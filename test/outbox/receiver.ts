import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver of webhooks on loopback that answers as told. */
export class Receiver {
  readonly received: Received[] = [];
  /** Status to answer the next deliveries with. */
  status = 200;
  url = '';
  private readonly waiting: (() => void)[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Receiver> {
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        receiver.received.push({ headers: request.headers, body });
        response.writeHead(receiver.status, receiver.status === 302 ? { location: '/elsewhere' } : {}).end();
        for (const wake of receiver.waiting.splice(0)) wake();
      });
    });
    const receiver = new Receiver(server);
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    return receiver;
  }

  /** Waits for so many deliveries in all. */
  async until(count: number): Promise<void> {
    while (this.received.length < count) await new Promise<void>((resolve) => { this.waiting.push(resolve); });
  }

  /** The sequence numbers received, in order. */
  get sequences(): number[] {
    return this.received.map((each) => Number(each.headers['wenze-sequence']));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => { this.server.close(() => { resolve(); }); });
  }
}
