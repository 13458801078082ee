import type { Logger } from 'pino';

/**
 * How a process of ours (worker, API, reference systems) begins and ends.
 *
 * Begin: the launcher forks it with an IPC channel; `announceReady` tells the launcher, over that channel, that the process serves.
 * Without a channel (docker, systemd, a shell) the call only logs, so a main file is the same everywhere.
 *
 * End: SIGTERM, SIGINT or the loss of the IPC channel (the launcher was killed) run what `onShutdown` registered, newest first,
 * then the process exits. A second signal, or `shutdownGraceMs` without an end, exits at once with 1: a hanging close never keeps a process alive.
 */

/** What a process tells whoever started it once it serves; `url` where it answers over HTTP. */
export interface ReadyInfo {
  readonly name: string;
  readonly url?: string;
  readonly [detail: string]: string | number | boolean | undefined;
}

/** The message on the IPC channel; `isReadyMessage` recognises it on the other side. */
export interface ReadyMessage {
  readonly wenze: 'ready';
  readonly info: ReadyInfo;
}

/** Milliseconds a process has for all its shutdown work; the launcher's own grace (15 s) is longer, so this one speaks first. */
export const shutdownGraceMs = 10_000;

type Shutdown = () => Promise<void> | void;

interface Lifecycle {
  readonly closers: { readonly what: string; readonly close: Shutdown }[];
  ending: boolean;
  log: Pick<Logger, 'info' | 'error'> | undefined;
}

let installed: Lifecycle | undefined;

/** True for a message sent by `announceReady`. */
export function isReadyMessage(message: unknown): message is ReadyMessage {
  return typeof message === 'object' && message !== null && (message as { wenze?: unknown }).wenze === 'ready';
}

/**
 * Says that this process serves. Call once, after the port listens or the worker polls.
 * `log` gets the same line, for starts without a launcher.
 */
export function announceReady(info: ReadyInfo, log?: Pick<Logger, 'info'>): void {
  log?.info(info, 'ready');
  if (process.send === undefined || !process.connected) return;
  const message: ReadyMessage = { wenze: 'ready', info };
  process.send(message);
}

/**
 * Registers work to be done before the process ends; the last registered runs first, each awaited.
 * `what` names it in the log. The first call installs the signal handlers. A failing closer is logged and makes the exit code 1; the rest still run.
 */
export function onShutdown(what: string, close: Shutdown, log?: Pick<Logger, 'info' | 'error'>): void {
  installed ??= install();
  if (log !== undefined) installed.log = log;
  installed.closers.push({ what, close });
}

function install(): Lifecycle {
  const lifecycle: Lifecycle = { closers: [], ending: false, log: undefined };
  const begin = (cause: string): void => {
    if (lifecycle.ending) process.exit(1);
    lifecycle.ending = true;
    void end(lifecycle, cause);
  };
  process.on('SIGTERM', () => begin('SIGTERM'));
  process.on('SIGINT', () => begin('SIGINT'));
  process.on('disconnect', () => {
    // Losing the launcher during our own shutdown is its normal course, not a second signal.
    if (!lifecycle.ending) begin('the launcher is gone');
  });
  return lifecycle;
}

async function end(lifecycle: Lifecycle, cause: string): Promise<void> {
  const { log } = lifecycle;
  log?.info({ cause }, 'stopping');
  const late = setTimeout(() => {
    log?.error({ graceMs: shutdownGraceMs }, 'shutdown took too long: leaving');
    process.exit(1);
  }, shutdownGraceMs);
  late.unref();
  let code = 0;
  for (const { what, close } of lifecycle.closers.toReversed()) {
    try {
      await close();
    } catch (err) {
      code = 1;
      log?.error({ err, what }, 'a part did not stop cleanly');
    }
  }
  process.exit(code);
}

/**
 * Runs a process' main function; whatever it throws, and any promise rejected unseen, is logged and ends the process with 1
 * (the launcher, docker or systemd starts it again).
 */
export function runMain(log: Pick<Logger, 'fatal'>, main: () => Promise<void>): void {
  const die = (err: unknown): void => {
    log.fatal({ err }, 'cannot go on');
    process.exit(1);
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
  main().catch(die);
}
