import { demoUsers } from '../policy/demo';
import { messageOf } from './provision/paths';
import { readSettings } from './settings';
import { StoppedError, System, type Addresses } from './system';

/** `npm start`, once everything is installed and built: brings the system up, says where it is, and ends it on Ctrl-C, SIGTERM or SIGHUP. */

const began = Date.now();

/** One Ctrl-C comes twice, from the terminal and through npm: within this many milliseconds it counts as one. */
const sameKeyMs = 1_000;

function tell(line: string): void {
  process.stdout.write(`[${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s] ${line}\n`);
}

async function main(): Promise<void> {
  const system = new System(readSettings(process.env), process.env, tell);
  let firstAsked = 0;
  const end = async (cause: string): Promise<void> => {
    const now = Date.now();
    if (firstAsked !== 0 && now - firstAsked < sameKeyMs) return;
    firstAsked ||= now;
    tell(`${cause}: stopping (once more: at once)`);
    await system.stop();
    tell('stopped');
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => void end(signal === 'SIGINT' ? 'Ctrl-C' : signal).catch(fail));
  }
  whenParentIsGone(() => void end('npm is gone').catch(fail));
  try {
    const addresses = await system.start();
    process.stdout.write(`${welcome(addresses).join('\n')}\n`);
  } catch (error) {
    // The handler above says how it ended.
    if (!(error instanceof StoppedError)) throw error;
  }
}

function fail(error: unknown): void {
  process.stderr.write(`\n${messageOf(error)}\n`);
  process.exit(1);
}

/** Under `npm start`, npm killed outright takes nobody with it: its end is ours too. Started otherwise, an outliving launcher may be what was meant. */
function whenParentIsGone(then: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    then();
  }, 500);
  watch.unref();
}

function welcome(addresses: Addresses): string[] {
  const names = demoUsers().map(({ id }) => id);
  return [
    '',
    `  API 接口             ${addresses.api}`,
    `  API docs 接口文档    ${addresses.api}/docs`,
    ...(addresses.temporalUi === undefined ? [] : [`  Temporal UI 流程历史 ${addresses.temporalUi}`]),
    ...(addresses.historyLogin === undefined ? [] : [`    log in to read it    ${addresses.historyLogin} (supervisor)`]),
    `  Temporal             ${addresses.temporal}`,
    `  MongoDB              ${addresses.mongodb}`,
    `  Personnel 人事系统   ${addresses.systems}/personnel`,
    `  Records 备案系统     ${addresses.systems}/records`,
    '',
    '  Demo logins 演示账号 (password 密码 wenze-demo):',
    ...lines(names, 4).map((line) => `    ${line}`),
    '',
    '  Ctrl-C stops everything; the data stay. Ctrl-C 停止，数据保留。',
    '',
  ];
}

function lines(words: readonly string[], perLine: number): string[] {
  return Array.from({ length: Math.ceil(words.length / perLine) }, (_, line) => words.slice(line * perLine, (line + 1) * perLine).map((word) => word.padEnd(26)).join('').trimEnd());
}

main().catch(fail);
