import { messageNames, type RecalculateMessage } from '../../domain/messages';
import type { CaseWorld } from '../support/case-world';
import { accepted, answered, complaint, type Course, faulty, finding } from './course';

/** Two things that happen to one case in an order that chance seldom brings about. Each gives the number of the case once both have had their effect. */
export class Races {
  constructor(private readonly world: () => CaseWorld, private readonly course: Course) {}

  /** Two workers, or two rounds of one, tell a case of the same law before it has put the first on file. */
  async toldTwice(number: string, messages: readonly RecalculateMessage[]): Promise<void> {
    const world = this.world();
    for (const message of [...messages, ...messages]) await world.handle(number).signal(messageNames.recalculate, message);
    // An action comes after the signals before it.
    await world.act(number, 'note', { text: '已收到' }, 'handler');
    await world.settled(number);
  }

  /** A complaint is suspended some seconds before its next rung; the store takes that only when the moment of the rung has gone by. */
  async suspendedBeforeARung(): Promise<{ readonly number: string; readonly rungAt: number }> {
    const world = this.world();
    const number = await world.start('complaint', complaint, 'handler');
    await this.course.drive(number, ...accepted);
    await world.untilOpen(number, 'investigate');
    await world.settled(number);
    const rungAt = (await this.course.clock(number, 'handle')).reading?.rungs[0]?.at;
    if (rungAt === undefined) throw new Error('the 60 days have no rung');
    await world.skipTo(new Date(rungAt - 2_000).toISOString());
    const store = new Held(() => world.store.cases, 'write');
    const suspended = world.act(number, 'suspend', { ground: 'judicial', clock: 'handle', reasons: '等待判决' }, 'department');
    await store.reached;
    await world.until(async () => await isUnderWayAfter(world, number, (event) => event.timerFiredEventAttributes != null), 'the timer of the rung');
    store.release();
    await suspended;
    await world.settled(number);
    return { number, rungAt };
  }

  /**
   * An officer joins a complaint to another; while the store is asked about that other one the written reply is given, and the filing of the
   * fault begins. The record system is away. Gives how the joining ended.
   */
  async joinedWhileReplied(): Promise<{ readonly number: string; readonly leading: string; readonly joined: PromiseSettledResult<unknown> }> {
    const world = this.world();
    const [leading, number] = [await world.start('complaint', complaint, 'handler'), await world.start('complaint', complaint, 'handler')];
    await world.untilOpen(leading, 'route');
    const turns = answered(faulty(finding('shirking')));
    await this.course.drive(number, ...accepted, ...turns.slice(0, 3));
    await world.untilOpen(number, 'reply');
    await world.settled(number);
    world.fault = { status: 503 };
    const before = await letIn(world, number);
    const store = new Held(() => world.store.cases, 'findView', (caseNumber) => caseNumber === leading);
    const joining = Promise.allSettled([world.act(number, 'merge', { into: leading, reasons: '同一事项' }, 'handler')]);
    await store.reached;
    const replied = this.course.drive(number, ...turns.slice(3));
    // The next task of the case brings the reply.
    await world.until(async () => await letIn(world, number) > before && await isUnderWayAfter(world, number, isLetIn), 'the reply to arrive');
    store.release();
    const [joined] = await joining;
    await replied;
    world.fault = undefined;
    return { number, leading, joined };
  }

  /** A reply is sent while an extension of its limit still waits for approval, which is given after it. Gives the case and how the approval ended. */
  async repliedBeforeItsExtension(): Promise<{ readonly number: string; readonly approved: PromiseSettledResult<unknown> }> {
    const world = this.world();
    const number = await world.start('complaint', complaint, 'handler');
    await this.course.drive(number, ...accepted);
    await world.untilOpen(number, 'investigate');
    await world.act(number, 'extend', { by: { amount: 30, unit: 'calendar-day' }, reasons: '情况复杂' }, 'department');
    await this.course.drive(number, ...answered());
    await world.untilOpen(number, 'rate');
    await world.settled(number);
    const [approved] = await Promise.allSettled([world.answer(number, 'extension.handle', 'approve', {}, 'leader.water')]);
    await world.settled(number);
    return { number, approved };
  }

  /** An order is not answered until its ladder has referred the head of the organ; then it is reported late, and found not done. */
  async referredThenNotDone(number: string): Promise<void> {
    const world = this.world();
    await world.untilOpen(number, 'report');
    await world.settled(number);
    const last = (await this.course.clock(number, 'report')).reading?.rungs.at(-1)?.at ?? 0;
    await world.skipTo(new Date(last + 60_000).toISOString());
    await world.until(async () => (await this.course.started(number)).length > 0, 'the head to be referred');
    await this.course.drive(number, ['report', 'report', { report: '已改' }, 'department'], ['verify', 'not-done', { reasons: '未改' }, 'supervisor']);
    await this.course.closed(number);
  }
}

type HistoryEvent = NonNullable<Awaited<ReturnType<ReturnType<CaseWorld['handle']>['fetchHistory']>>['events']>[number];

const isLetIn = (event: HistoryEvent): boolean => event.workflowExecutionUpdateAcceptedEventAttributes != null;

/** How many answers and actions a case has let in. */
const letIn = async (world: CaseWorld, number: string): Promise<number> => ((await world.handle(number).fetchHistory()).events ?? []).filter(isLetIn).length;

/** Whether a workflow task has begun since an event of this kind. */
async function isUnderWayAfter(world: CaseWorld, number: string, is: (event: HistoryEvent) => boolean): Promise<boolean> {
  const events = (await world.handle(number).fetchHistory()).events ?? [];
  const at = events.findLastIndex(is);
  return at >= 0 && events.slice(at).some((event) => event.workflowTaskStartedEventAttributes != null);
}

type Methods<T> = { [K in keyof T]: T[K] extends (...args: never[]) => Promise<unknown> ? K : never }[keyof T];

/** Holds back the first call of a method that fits, and those behind it, until it is released; then the method is as it was. */
export class Held<T extends object, K extends Methods<T> & string> {
  readonly reached: Promise<void>;
  private open = (): void => undefined;

  constructor(private readonly owner: () => T, private readonly method: K, fits: (...args: unknown[]) => boolean = () => true) {
    let arrive = (): void => undefined;
    this.reached = new Promise((resolve) => { arrive = resolve; });
    const opened = new Promise<void>((resolve) => { this.open = resolve; });
    const target = owner();
    const original = target[method] as unknown as (...args: unknown[]) => Promise<unknown>;
    Object.defineProperty(target, method, { configurable: true, value: async (...args: unknown[]) => {
      if (fits(...args)) {
        arrive();
        await opened;
      }
      return original.apply(target, args);
    } });
  }

  release(): void {
    Reflect.deleteProperty(this.owner(), this.method);
    this.open();
  }
}
