import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { CaseEvent, CaseLink } from '../../domain/case-file';
import type { Json } from '../../domain/json';
import { Ledger } from '../../systems/ledger';
import type { Kept, Kind } from '../../systems/contract';
import { personOf, type CaseWorld } from '../support/case-world';

/** One answer on the way through a case. */
export type Turn = readonly [step: string, answer: string, fields: Json, by: string];

/** The way of a case in one test file: answers given in order, facts read back from where others would read them. */
export class Course {
  constructor(private readonly world: () => CaseWorld) {}

  /** Gives the answers in order, each as soon as its step is open. */
  async drive(caseNumber: string, ...turns: readonly Turn[]): Promise<void> {
    for (const [step, answer, fields, by] of turns) {
      await this.world().untilOpen(caseNumber, step);
      await this.give(caseNumber, [step, answer, fields, by]);
    }
  }

  /**
   * A step may be on file a moment before it is in history: what an activation writes is written before the activation is confirmed, and one
   * that goes on in a new run is tried again when an answer comes in between (docs/adr/0001). The officer who is told so answers again.
   */
  private async give(caseNumber: string, [step, answer, fields, by]: Turn): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.world().answer(caseNumber, step, answer, fields, by);
        return;
      } catch (error) {
        const early = error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure && error.cause.type === 'step-not-open';
        if (!early || attempt === 4) throw error;
        await this.world().settled(caseNumber);
        await this.world().untilOpen(caseNumber, step);
      }
    }
  }

  /** Waits for the close, without letting time pass; gives the outcome. */
  async closed(caseNumber: string): Promise<string | undefined> {
    const world = this.world();
    await world.until(async () => (await world.view(caseNumber)).status === 'closed', `${caseNumber} to close`);
    await world.settled(caseNumber);
    return (await world.view(caseNumber)).outcome;
  }

  /**
   * Has the systems refuse what `filing` brings about: at once, and a second time when an operator has nudged the case meanwhile. Afterwards
   * nothing is wrong with them. Gives the number of the case.
   */
  async nudgedWhileTried(filing: () => Promise<string>): Promise<string> {
    const world = this.world();
    let [tried, refuse] = [(): void => undefined, (): void => undefined];
    const underWay = new Promise<void>((resolve) => { tried = resolve; });
    const nudged = new Promise<void>((resolve) => { refuse = resolve; });
    let requests = 0;
    world.fault = () => {
      if (++requests === 1) return { status: 422 };
      tried();
      world.fault = undefined;
      return { status: 422, after: nudged };
    };
    const number = await filing();
    await underWay;
    await world.handle(number).signal('nudge');
    refuse();
    return number;
  }

  /** Id and due date of every open step. */
  async open(caseNumber: string): Promise<(readonly [string, string | null])[]> {
    return (await this.world().view(caseNumber)).openSteps.map((step) => [step.id, step.due] as const);
  }

  async step(caseNumber: string, id: string) {
    await this.world().untilOpen(caseNumber, id);
    const step = (await this.world().view(caseNumber)).openSteps.find((each) => each.id === id);
    if (step === undefined) throw new Error(`${id} of ${caseNumber} is not open`);
    return step;
  }

  async clock(caseNumber: string, id: string) {
    const clock = (await this.world().view(caseNumber)).clocks.find((each) => each.id === id);
    if (clock === undefined) throw new Error(`${caseNumber} has no clock ${id}`);
    return clock;
  }

  /** Due date of a clock, as read last. */
  async due(caseNumber: string, clock: string): Promise<string | null> { return (await this.clock(caseNumber, clock)).reading?.due ?? null; }

  async events(caseNumber: string, ...kinds: readonly CaseEvent['kind'][]): Promise<CaseEvent[]> {
    await this.world().settled(caseNumber);
    return (await this.world().events(caseNumber)).filter((event) => kinds.length === 0 || kinds.includes(event.kind));
  }

  /** Rungs that have acted: name, legal date, effect, of one clock. */
  async rungs(caseNumber: string, clock: string): Promise<unknown[]> {
    return (await this.events(caseNumber, 'rung')).filter((event) => event.clock === clock).map((event) => [event.facts['rung'], event.facts['legalDate'], event.facts['effect']]);
  }

  /** Templates of the letters to the complainant, in order. */
  async letters(caseNumber: string): Promise<unknown[]> {
    return (await this.events(caseNumber, 'notice')).filter((event) => event.facts['to'] === 'complainant').map((event) => event.facts['template']);
  }

  /** Notices as they lie in the inboxes: template and organ. */
  async notices(caseNumber: string): Promise<string[]> {
    const rows = await this.world().store.connection.collections.notices.find({ caseNumber }).sort({ _id: 1 }).toArray();
    return rows.map((row) => `${row.template} → ${row.complainant ? 'complainant' : row.organ}`);
  }

  /** Cases this one has started. */
  async started(caseNumber: string): Promise<CaseLink[]> {
    return (await this.world().view(caseNumber)).links.filter((link) => link.relation === 'started');
  }

  /** What another system has kept of a case. */
  async kept(kind: Kind, caseNumber: string): Promise<Kept[]> {
    const world = this.world();
    const database = kind === 'entry' || kind === 'copy' || kind === 'change' ? 'personnel' : 'records';
    return (await new Ledger(world.store.connection.client.db(database), world.keyring).list(kind, { caseNumber, limit: 200 })).items;
  }

  /** Ends cases a test leaves open, so that their ladders do not climb through the rest of the file. */
  async end(...caseNumbers: readonly string[]): Promise<void> {
    for (const caseNumber of caseNumbers) {
      // Not while a task of it is under way: the server keeps time from passing for a task it has lost.
      await this.world().settled(caseNumber);
      await this.world().handle(caseNumber).terminate('the test is over');
    }
  }
}

export const complaint = {
  channel: 'hotline-12345', subject: '供水管网漏水无人处理', facts: '多次报修,无人处理。', complainant: { name: '投诉人甲', phone: '000-0000' }, accused: { organ: 'yz-water' },
};

export const finding = (cause: string, id = 'department.water') => ({
  level: 'handling', person: personOf(id), responsible: true, fault: '未按规定处理报修', duty: '供水管网抢修', cause,
});

export const faultless = { faultFound: false, facts: '经查,已按规定处理。' };
export const faulty = (...findings: readonly ReturnType<typeof finding>[]) => ({
  faultFound: true, facts: '经查,报修处理不符合规定。', findings, leadership: { examined: true, result: '分管负责人已作检查' },
}) as unknown as Json;

/** Routed to and accepted by the water bureau. */
export const accepted: readonly Turn[] = [
  ['route', 'route', { organ: 'yz-water', procedure: '按一般程序办理' }, 'handler'],
  ['accept', 'accept', {}, 'department'],
];

/** Investigated, agreed to, approved and answered in writing. */
export const answered = (report: Json = faultless): readonly Turn[] => [
  ['investigate', 'report', report, 'department'],
  ['review', 'agree', {}, 'reviewer'],
  ['approve', 'approve', {}, 'leader.water'],
  ['reply', 'send', { text: '经调查,现答复如下。', documentNumber: '云水函〔2030〕1号' }, 'department'],
];

export const satisfied: Turn = ['rate', 'satisfied', {}, 'complainant'];
