import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { ProblemError, WenzeClient } from '../../client';
import { freePort } from '../../launch/ports';
import { repositoryRoot } from '../../launch/provision/paths';
import { demoUsers } from '../../policy/demo';

const portNames = ['PORT', 'SYSTEMS_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT', 'TEMPORAL_METRICS_PORT', 'WORKER_METRICS_PORT', 'MONGODB_PORT'] as const;

/**
 * The system as `npm start` runs it, every process by itself with all it logs, in a folder of its own. Before the personnel system stands one that first
 * fails loudly, quoting whatever it was sent, as foreign systems do; the receiver of webhooks does the same.
 */
export class WholeSystem {
  output = '';
  readonly data = mkdtempSync(path.join(os.tmpdir(), 'wenze-planted-'));
  api = '';
  temporal = '';
  /** Address a webhook may be sent to. */
  hook = '';
  /** How often a foreign system has quoted what it was sent. */
  quoted = 0;
  private child: ChildProcess | undefined;
  private ended: Promise<unknown> = Promise.resolve();
  private foreign: Server | undefined;
  private readonly clients = new Map<string, Promise<WenzeClient>>();

  static async start(): Promise<WholeSystem> {
    const system = new WholeSystem();
    const ports: Record<string, string> = {};
    for (const name of portNames) ports[name] = String(await freePort());
    await system.startForeign(`http://127.0.0.1:${ports['SYSTEMS_PORT']}`);
    const child = spawn(process.execPath, [path.join(repositoryRoot(), 'launch', 'start.cjs')], {
      cwd: repositoryRoot(), stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env, NODE_ENV: '', ...ports, WENZE_DATA: system.data, LOG_LEVEL: 'trace', PERSONNEL_URL: `${system.foreignUrl()}/personnel`, WEBHOOK_NETWORKS: '127.0.0.0/8',
      },
    });
    system.child = child;
    system.ended = new Promise((resolve) => { child.once('exit', resolve); });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => { system.output += text.toString(); });
    await system.until(() => system.output.includes('Ctrl-C stops') || child.exitCode !== null, 'the start', 240_000);
    system.api = /API 接口\s+(http:\S+)/.exec(system.output)?.[1] ?? '';
    if (system.api === '') throw new Error(`the start failed:\n${system.output}`);
    system.temporal = `127.0.0.1:${ports['TEMPORAL_PORT']}`;
    system.hook = `${system.foreignUrl()}/hook`;
    return system;
  }

  private foreignUrl(): string { return `http://127.0.0.1:${(this.foreign?.address() as AddressInfo).port}`; }

  private async startForeign(systems: string): Promise<void> {
    const seen = new Set<string>();
    const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const body = await buffer(request);
      const url = request.url ?? '';
      if (!seen.has(url)) {
        seen.add(url);
        this.quoted++;
        response.writeHead(500, { 'Content-Type': 'application/problem+json' }).end(JSON.stringify({ type: 'about:blank', title: body.toString(), status: 500, code: 'unavailable', detail: `cannot keep ${body.toString()}` }));
        return;
      }
      if (url.startsWith('/hook')) {
        response.writeHead(200).end();
        return;
      }
      const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers;
      const kept = await fetch(`${systems}${url}`, { method: request.method ?? 'GET', headers: headers as Record<string, string>, body: new Uint8Array(body) });
      response.writeHead(kept.status, { 'Content-Type': kept.headers.get('content-type') ?? 'application/json' }).end(Buffer.from(await kept.arrayBuffer()));
    };
    const server = createServer((request, response) => {
      answer(request, response).catch((error: unknown) => { response.destroy(error instanceof Error ? error : undefined); });
    });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    this.foreign = server;
  }

  as(user: string): Promise<WenzeClient> {
    const client = this.clients.get(user) ?? WenzeClient.login(this.api, user, 'wenze-demo');
    this.clients.set(user, client);
    return client;
  }

  /** A request by hand; gives the status. Nothing here answers 5xx but by a fault. */
  async send(user: string | null, method: string, address: string, body?: string | Uint8Array, headers: Record<string, string> = {}): Promise<{ status: number; body: Record<string, unknown> }> {
    const token = user === null ? undefined : (await this.as(user)).token;
    const answer = await fetch(`${this.api}${address}`, {
      method, headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), 'content-type': 'application/json', ...headers }, ...(body === undefined ? {} : { body }),
    });
    const text = await answer.text();
    if (answer.status >= 500) throw new Error(`${method} ${address} answered ${answer.status}: ${text}`);
    return { status: answer.status, body: answer.headers.get('content-type')?.includes('json') === true ? JSON.parse(text) as Record<string, unknown> : {} };
  }

  json(user: string | null, method: string, address: string, body: unknown, headers: Record<string, string> = {}): Promise<{ status: number; body: Record<string, unknown> }> {
    return this.send(user, method, address, JSON.stringify(body), headers);
  }

  /** Answers a step as soon as it is open, as `by` or as a demo user it waits for. */
  async answer(caseNumber: string, step: string, answer: string, fields: Record<string, unknown>, by?: string): Promise<void> {
    const auditor = await this.as('auditor');
    let steps: Awaited<ReturnType<WenzeClient['getCase']>>['openSteps'] = [];
    const open = (): (typeof steps)[number] | undefined => steps.find((each) => each.step === step || each.step.startsWith(`${step}.`));
    await this.until(async () => {
      steps = (await auditor.getCase(caseNumber)).openSteps;
      return open() !== undefined;
    }, () => `${step} of ${caseNumber}, where ${steps.map((each) => each.step).join(', ')} are open`);
    const { organ, roles, user } = open()?.assignee ?? { organ: '', roles: [] };
    const who = by ?? user ?? demoUsers().find((each) => each.organ === organ && each.roles.some((role) => roles.includes(role)))?.id;
    if (who === undefined) throw new Error(`nobody answers ${step} of ${caseNumber}: ${roles.join(', ')} of ${organ}`);
    const client = await this.as(who);
    await this.until(() => client.answer(caseNumber, open()?.step ?? step, answer, fields).then(() => true, (error: unknown) => {
      if (error instanceof ProblemError && error.code === 'step-not-open') return false;
      throw error;
    }), `${who} to answer ${step}`);
  }

  async until(holds: () => boolean | Promise<boolean>, what: string | (() => string), limitMs = 60_000): Promise<void> {
    const end = Date.now() + limitMs;
    while (!await holds()) {
      if (Date.now() > end) throw new Error(`waited in vain for ${typeof what === 'string' ? what : what()}`);
      await delay(100);
    }
  }

  /** Ends everything in order, so that all is written; the data stay. */
  async stop(): Promise<void> {
    if (this.child?.exitCode === null && this.child.signalCode === null) this.child.kill('SIGTERM');
    await this.ended;
    this.foreign?.closeAllConnections();
    this.foreign?.close();
    this.foreign = undefined;
  }

  remove(): void { rmSync(this.data, { recursive: true, force: true }); }
}
