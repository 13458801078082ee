import type { Logger } from 'pino';
import { DAY_MS } from '../domain/civil-date';
import { engineFault, fileIsOlder, MARK_SLACK, type FileMark, type MarkPlace } from '../store/marks';
import type { RepairReport } from './repair';

const ROUND_MS = 30_000;
/** Rounds that fail one after another come ever more slowly, up to this. */
const MOST_MS = 600_000;

const faults = {
  unmarked: 'Temporal has never seen this case file: it was lost, emptied, or is another one',
  another: 'Temporal belongs to another case file',
  older: 'Temporal is older than the case file',
} as const;

/**
 * Thrown when Temporal does not know what the file knows. To go on would write over entries that officers were told are on record, so no worker runs until an operator
 * has put the right Temporal back, or has said that there is none.
 */
export class WrongEngine extends Error {
  override readonly name = 'WrongEngine';
  constructor(fault: keyof typeof faults, when: string) {
    super(`${faults[fault]} (${when}). Restore the Temporal that goes with this MongoDB, or one backed up later; what else can be done: docs/runbook.md, "Restore". `
      + `与案卷不符的流程引擎:请恢复与本 MongoDB 配套或更晚备份的 Temporal。`);
  }
}

/** The file and the engine as a pair: proved before a worker works, and kept up while it does. */
export class Pair {
  private checked = false;

  /** @param repair brings the file up to what the engine knows, looking at what changed since a moment */
  constructor(private readonly file: Pick<FileMark, 'find' | 'write' | 'pairId'>, private readonly engine: MarkPlace, private readonly repair: (since: Date) => Promise<RepairReport>, private readonly log: Pick<Logger, 'warn' | 'error'>) {}

  /** Proves the pair. @throws WrongEngine, or what a server that is away throws */
  async prove(): Promise<void> {
    await this.marks();
  }

  /**
   * One round: proves the pair, repairs a file that is behind (always in the first round, for what a crash took), and renews both marks; not before the repair is through,
   * so that one cut short is made up for by the next. @throws as {@link prove}
   */
  async round(now: number): Promise<void> {
    const { file, engine } = await this.marks();
    // A start goes further than the slack, so that a backup from before it is told from a worker that came second.
    const step = this.checked ? 1 : MARK_SLACK + 1;
    if (!this.checked || fileIsOlder(file, engine)) {
      // What came just before the last renewal may be lost with it.
      const report = await this.repair(new Date(file === null || file.n === 0 ? 0 : Math.max(0, Math.min(now, file.at) - DAY_MS)));
      if (report.repaired.length > 0) this.log.warn(report, 'the store was behind and has been repaired');
      this.checked = true;
    }
    const next = { id: await this.file.pairId(engine), n: Math.max(file?.n ?? 0, engine?.n ?? 0) + step, at: now };
    // The repair took its time: another worker may have been here.
    if (((await this.engine.find())?.n ?? 0) < next.n) await this.engine.write(next);
    await this.file.write(next);
  }

  /** Rounds until it is stopped; one that fails is logged and the next one comes. `wrong` rejects with WrongEngine and never resolves. */
  regularly(everyMs = ROUND_MS): { readonly wrong: Promise<never>; readonly stop: () => void } {
    let timer: NodeJS.Timeout | undefined;
    let stopped = false;
    const wrong = new Promise<never>((_, reject) => {
      let waitMs = everyMs;
      const turn = async (): Promise<void> => {
        try {
          await this.round(Date.now());
          waitMs = everyMs;
        } catch (error) {
          if (error instanceof WrongEngine) {
            reject(error);
            return;
          }
          waitMs = Math.min(waitMs * 2, MOST_MS);
          this.log.error({ err: error, nextInMs: waitMs }, 'the file could not be compared with Temporal; tried again');
        }
        if (!stopped) timer = setTimeout(() => void turn(), waitMs).unref();
      };
      void turn();
    });
    return { wrong, stop: () => { stopped = true; clearTimeout(timer); } };
  }

  private async marks() {
    const [file, engine] = await Promise.all([this.file.find(), this.engine.find()]);
    const fault = engineFault(file, engine);
    if (fault !== null) throw new WrongEngine(fault, `file ${describe(file)}, Temporal ${describe(engine)}`);
    return { file, engine };
  }
}

const describe = (mark: { readonly n: number; readonly at: number } | null): string => (mark === null ? 'without a mark' : `last marked ${new Date(mark.at).toISOString()}, no. ${mark.n}`);
