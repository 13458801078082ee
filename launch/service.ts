import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { isReadyMessage, type ReadyInfo } from '../process/lifecycle';
import { forgetPid, notePid } from './pid-file';
import { isFileError, messageOf } from './provision/paths';
import type { Tell } from './provision/ways';
import type { Command } from './servers';

/** One process that the launcher keeps running. */
export interface ServiceSpec {
  /** Short name: of the log file, the pid note and the messages. */
  readonly name: string;
  readonly command: Command;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folders: { readonly logs: string; readonly run: string };
  /** `message`: a Node child that calls `announceReady`. A function: resolves once the program serves, `dead` tells when it ended before that. */
  readonly ready: 'message' | ((dead: () => Error | undefined) => Promise<void>);
  readonly tell: Tell;
  /** Milliseconds from SIGTERM to SIGKILL; longer than the process' own limit in process/lifecycle.ts. */
  readonly graceMs?: number;
  /** Milliseconds for the first start to become ready. */
  readonly readyLimitMs?: number;
  /** Milliseconds before the first restart after a death; doubles with each further one up to `maxBackoffMs`. */
  readonly backoffMs?: number;
}

const defaults = { graceMs: 15_000, readyLimitMs: 120_000, backoffMs: 500 };
const maxBackoffMs = 10_000;
/** A process that ran this long was well: the next death begins with the short wait again. */
const wellAfterMs = 30_000;
/** Deaths before it has ever served, after which the start gives up. */
const firstStartDeaths = 3;
/** A log larger than this is set aside (one generation) when the process starts. */
const logLimitBytes = 20_000_000;

/**
 * A supervised process: started, watched, started again when it dies, ended for good by `stop`. It runs in a process group of its own, so that Ctrl-C
 * reaches the launcher alone, which then ends everything in order. Its output goes straight to a file and so does not depend on the launcher.
 */
export class Service {
  private child: ChildProcess | undefined;
  private stopping = false;
  private servedOnce = false;
  private deaths = 0;
  private startedAt = 0;
  private restart: NodeJS.Timeout | undefined;
  private giveUp: ((error: Error) => void) | undefined;
  readonly logFile: string;

  constructor(private readonly spec: ServiceSpec) {
    this.logFile = path.join(spec.folders.logs, `${spec.name}.log`);
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Starts it; resolves once it serves, with what it announced. Throws, with the end of its log, when it dies three times before or does not serve in time. */
  async start(): Promise<ReadyInfo> {
    const limitMs = this.spec.readyLimitMs ?? defaults.readyLimitMs;
    let late: NodeJS.Timeout | undefined;
    try {
      return await new Promise<ReadyInfo>((resolve, reject) => {
        this.giveUp = reject;
        late = setTimeout(() => reject(new Error(`${this.spec.name} is not ready after ${Math.round(limitMs / 1000)} s\n${this.lastLines()}`)), limitMs);
        this.launch(resolve);
      });
    } finally {
      clearTimeout(late);
      this.giveUp = undefined;
    }
  }

  /** Ends it and its descendants: SIGTERM, after the grace SIGKILL. Resolves when it is gone. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.stopping = true;
    clearTimeout(this.restart);
    this.giveUp?.(new Error(`${this.spec.name} was stopped before it was ready`));
    const { child } = this;
    if (child === undefined || hasEnded(child)) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.signalGroup(child, signal);
    const graceMs = this.spec.graceMs ?? defaults.graceMs;
    const late = setTimeout(() => {
      this.spec.tell(`${this.spec.name} does not stop after ${Math.round(graceMs / 1000)} s: killed`);
      this.signalGroup(child, 'SIGKILL');
    }, graceMs);
    await gone;
    clearTimeout(late);
    // What it may have started itself goes with it.
    this.signalGroup(child, 'SIGKILL');
  }

  private launch(served: (info: ReadyInfo) => void): void {
    const { spec } = this;
    mkdirSync(spec.folders.logs, { recursive: true });
    if (existsSync(this.logFile) && statSync(this.logFile).size > logLimitBytes) renameSync(this.logFile, `${this.logFile}.1`);
    const log = openSync(this.logFile, 'a');
    const child = spawn(spec.command.program, spec.command.args, {
      detached: true,
      env: definedOnly(spec.env),
      stdio: spec.ready === 'message' ? ['ignore', log, log, 'ipc'] : ['ignore', log, log],
    });
    closeSync(log);
    this.child = child;
    this.startedAt = Date.now();
    let failure: Error | undefined;
    child.once('error', (error) => {
      failure = error;
      // A program that cannot be started at all gives no exit event.
      if (child.pid === undefined) this.died(child, error.message, served);
    });
    child.once('exit', (code, signal) => this.died(child, failure?.message ?? (signal ?? `exit ${code}`), served));
    if (child.pid !== undefined) notePid(spec.folders.run, spec.name, child.pid);
    if (spec.ready === 'message') {
      child.on('message', (message) => {
        if (isReadyMessage(message)) this.serves(child, message.info, served);
      });
      return;
    }
    const dead = (): Error | undefined => (hasEnded(child) ? new Error(`${spec.name} ended`) : undefined);
    spec.ready(dead).then(
      () => this.serves(child, { name: spec.name }, served),
      (error: unknown) => {
        // Ended: `died` deals with it. Running but not serving: a start anew may help, and `died` comes with it.
        if (!hasEnded(child)) {
          spec.tell(`${spec.name}: ${messageOf(error)}`);
          this.signalGroup(child, 'SIGKILL');
        }
      },
    );
  }

  private serves(child: ChildProcess, info: ReadyInfo, served: (info: ReadyInfo) => void): void {
    if (this.stopping || child !== this.child) return;
    if (this.servedOnce) this.spec.tell(`${this.spec.name} is back`);
    this.servedOnce = true;
    served(info);
  }

  private died(child: ChildProcess, how: string, served: (info: ReadyInfo) => void): void {
    const { spec } = this;
    forgetPid(spec.folders.run, spec.name);
    if (this.stopping) return;
    this.signalGroup(child, 'SIGKILL');
    if (Date.now() - this.startedAt > wellAfterMs) this.deaths = 0;
    this.deaths += 1;
    if (!this.servedOnce && this.deaths >= firstStartDeaths) {
      this.giveUp?.(new Error(`${spec.name} does not start (${how})\n${this.lastLines()}`));
      return;
    }
    const waitMs = Math.min((spec.backoffMs ?? defaults.backoffMs) * 2 ** (this.deaths - 1), maxBackoffMs);
    spec.tell(`${spec.name} ended (${how}): started again in ${waitMs / 1000} s; its log: ${this.logFile}`);
    this.restart = setTimeout(() => this.launch(served), waitMs);
  }

  private signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch (error) {
      if (!isFileError(error) || error.code !== 'ESRCH') throw error;
    }
  }

  /** The end of its log, for a message on the screen. */
  private lastLines(): string {
    if (!existsSync(this.logFile)) return '';
    return readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-12).map((line) => `    ${readable(line).slice(0, 600)}`).join('\n');
  }
}

/** A line of our own log in words: when, how bad, what, and the error's own sentence; any other line as it is. */
function readable(line: string): string {
  const parsed = LogLine.safeParse(parseJson(line));
  if (!parsed.success) return line;
  const { time, level, msg, err } = parsed.data;
  return [time, level, msg, ...(err === undefined ? [] : [`- ${err.message}`])].join(' ');
}

const LogLine = z.object({ time: z.string(), level: z.string(), msg: z.string(), err: z.object({ message: z.string() }).optional() });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A server's own words, or a line cut short.
    return undefined;
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

function definedOnly(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
