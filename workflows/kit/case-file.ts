import { ApplicationFailure, CancellationScope, condition, isCancellation, ParentClosePolicy, patched, startChild, workflowInfo } from '@temporalio/workflow';
import type { SystemActivities } from '../../activities/contract';
import {
  findStep, stepNameOf, type Actor, type CaseDefinition, type ClockName, type IntakeOf, type OutcomeOf, type StepAnswer, type StepName,
} from '../../domain/case-definition';
import type { Assignee, CaseClock, CaseLink, CaseView, EventKind, LadderRung, OpenStep, OrganRelations } from '../../domain/case-file';
import { getCaseDefinition } from '../../domain/cases/registry';
import type { CivilDate } from '../../domain/civil-date';
import type { ClockEvent } from '../../domain/clock';
import type { Json } from '../../domain/json';
import type { Limit } from '../../domain/limit';
import type { CaseResult, CaseStart, Receipt } from '../../domain/messages';
import type { Finding, LeadershipExamined, Person } from '../../domain/person';
import { applyRecord, isStopped, withDueDates } from '../../domain/record';
import { store, systemsWith } from './activities';
import { Ladders } from './ladder';
import { Ledger, timer, type Entry } from './ledger';
import { ManagerView } from './manager-view';

/** How a step is opened: in which organ, under which key when several of its kind stand side by side. */
export interface StepOptions<D extends CaseDefinition> {
  readonly organ: string;
  readonly user?: string;
  readonly key?: string;
  /** The civil date of the event that sets the limit running, where it is not today. */
  readonly since?: CivilDate;
  /** A case clock it runs under instead of the one its definition names, e.g. a keyed one. */
  readonly clock?: ClockName<D> | (string & {});
  /** An order that sets its own limit. */
  readonly override?: Limit;
  /** What the officer must know to answer; confidential. */
  readonly context?: Json;
}

type SystemCall<N extends keyof SystemActivities> = Omit<Parameters<SystemActivities[N]>[0], 'key' | 'caseNumber' | 'at' | 'by'>;

/** Rungs weigh this much on the case's escalation level. */
const levels: Readonly<Record<LadderRung['effect'], number>> = { notice: 0, lapse: 0, overdue: 1, criticism: 2, referral: 3 };

/**
 * The case file: what a procedure speaks to. Steps, clocks, systems and linked cases, each a wait that is journalled by name,
 * so that a case of many months can go on in a new run and its procedure finds every earlier result where it was.
 */
export class CaseFile<D extends CaseDefinition> {
  readonly intake: IntakeOf<D>;
  readonly ledger: Ledger;
  readonly receipts: Map<string, Receipt>;
  private readonly journal: Map<string, Json>;
  private readonly rounds = new Map<string, number>();
  private readonly answered = new Map<string, (answer: Json) => void>();
  private readonly early = new Map<string, Json>();
  private readonly unread = new Set<string>();
  private readonly ladders: Ladders;
  private readonly managers: ManagerView;
  private busy = 0;
  private lastTurn: Promise<void> = Promise.resolve();
  private nudges = 0;
  private finished = false;
  head: string;
  readonly run: number;

  constructor(readonly definition: D, readonly start: CaseStart<IntakeOf<D>>) {
    const carried = start.carried;
    this.intake = start.intake;
    this.run = carried?.run ?? 0;
    this.head = carried?.head ?? '';
    this.ledger = new Ledger(carried?.view ?? openingView(definition, start), carried?.seq ?? 0);
    this.journal = new Map(Object.entries(carried?.journal ?? {}));
    this.receipts = new Map(Object.entries(carried?.receipts ?? {}));
    this.managers = new ManagerView(definition);
    this.ladders = new Ladders((id, until) => this.fireRungs(id, until), (clock, key) => this.rungTitle(clock, key));
    if (carried === undefined) {
      this.ledger.enter('case-opened', {
        by: start.by,
        facts: { type: definition.type, leadOrgan: this.view.leadOrgan, ...(start.origin === undefined ? {} : { origin: { ...start.origin } }) },
        detail: { subject: this.view.subject, intake: this.view.intake },
      });
    }
  }

  get view(): CaseView { return this.ledger.view; }
  get caseNumber(): string { return this.view.caseNumber; }
  /** The workflow's time, milliseconds since the epoch. */
  get now(): number { return Date.now(); }
  /** Nothing is in flight but steps that wait for people: the moment to go on in a new run. */
  get quiet(): boolean { return this.busy === 0 && !this.ledger.hasPending && this.ledger.recordedSeq === this.ledger.seq; }

  // ── Steps ────────────────────────────────────────────────────────────────

  /** Opens a step and waits for its answer (or its lapse). */
  async step<S extends StepName<D>>(name: S, options: StepOptions<D>): Promise<StepAnswer<D['steps'][S]>> {
    const answer = await this.openStep(name, options);
    return answer as unknown as StepAnswer<D['steps'][S]>;
  }

  /** As {@link step}, for the kit's own steps. */
  async openStep(name: string, options: StepOptions<D>): Promise<Json> {
    const id = options.key === undefined ? name : `${name}.${options.key}`;
    const round = this.nextRound(`step:${id}`);
    const wait = `step:${id}#${round}`;
    const known = this.journal.get(wait);
    if (known !== undefined) return known;
    // In a new run an answer may come before the procedure has run through its journal to the step that waits for it.
    const open = this.early.has(id) || this.view.openSteps.some((step) => step.id === id && step.round === round);
    if (!open) this.enterStep(name, id, round, options);
    const answer = await this.awaitAnswer(id);
    this.journal.set(wait, answer);
    return answer;
  }

  /** Opens a step of the kit's own, outside the procedure and its journal. */
  raiseStep(name: string, id: string, options: StepOptions<D>): void {
    this.enterStep(name, id, this.ledger.seq, options);
  }

  /** Waits for the answer of a step that is open. */
  awaitAnswer(id: string): Promise<Json> {
    const early = this.early.get(id);
    if (early !== undefined) {
      this.early.delete(id);
      return Promise.resolve(early);
    }
    return Promise.race([
      new Promise<Json>((resolve) => this.answered.set(id, resolve)),
      CancellationScope.current().cancelRequested,
    ]);
  }

  private enterStep(name: string, id: string, round: number, options: StepOptions<D>): void {
    const definition = findStep(this.definition, name);
    if (definition === undefined) throw new Error(`${this.definition.type} has no step ${name}`);
    const assignee: Assignee = { roles: definition.actors, organ: options.organ, ...(options.user === undefined ? {} : { user: options.user }) };
    const clock = definition.limit === undefined ? options.clock ?? definition.clock : id;
    const step: OpenStep = {
      id, step: name, round, assignee, openedAt: Date.now(), answers: Object.keys(definition.answers),
      ...(clock === undefined ? {} : { clock }), due: null, dueAt: null, provisional: false, overdue: false,
      ...(options.context === undefined ? {} : { context: options.context }),
    };
    this.ledger.enter('step-opened', {
      by: timer, step: id, facts: { round, assignee: { ...assignee }, clock: clock ?? null },
      ...(options.context === undefined ? {} : { detail: options.context }),
    }, {
      openSteps: [...this.view.openSteps, step],
      stage: definition.stage === '' ? this.view.stage : definition.stage,
      organs: this.view.organs.includes(options.organ) ? this.view.organs : [...this.view.organs, options.organ],
    });
    if (definition.limit !== undefined) {
      const old = this.view.clocks.find((each) => each.id === id);
      if (old !== undefined && definition.returnKeepsClock === true) this.addClockEvent(id, 'clock-reopened', { kind: 'reopen', at: Date.now(), ground: 'returned' }, timer);
      else this.beginClock(id, definition.limit, options.organ, { since: options.since, override: options.override, trigger: `step:${name}` });
    } else if (clock !== undefined && this.view.clocks.some((each) => each.id === clock)) {
      this.patchClock(clock, { organ: options.organ });
    }
  }

  /** An answer reaches its step: it is closed, its own clock stops, the procedure goes on. */
  answerStep(step: OpenStep, answer: string, fields: Json, by: Actor): number {
    const seq = this.ledger.enter('step-answered', { by, step: step.id, facts: { answer, round: step.round }, detail: fields }, this.withoutStep(step.id));
    this.endStep(step, { answer, fields, by: asJsonActor(by), at: Date.now() });
    return seq;
  }

  private endStep(step: OpenStep, answer: Json): void {
    const own = this.view.clocks.find((clock) => clock.id === step.id);
    if (own !== undefined && !isStopped(own.spec)) this.addClockEvent(own.id, 'clock-stopped', { kind: 'stop', at: Date.now() }, timer);
    const resolve = this.answered.get(step.id);
    this.answered.delete(step.id);
    if (resolve === undefined) this.early.set(step.id, answer);
    else resolve(answer);
  }

  private withoutStep(id: string): Partial<CaseView> {
    return { openSteps: this.view.openSteps.filter((step) => step.id !== id) };
  }

  /** Closes every open step without an answer, as a withdrawal or a merger does; clocks stop with them. */
  cancelSteps(by: Actor, ground: string): void {
    for (const step of this.view.openSteps) {
      this.ledger.enter('step-cancelled', { by, step: step.id, facts: { ground } }, this.withoutStep(step.id));
      this.answered.delete(step.id);
    }
    for (const clock of this.view.clocks) if (!isStopped(clock.spec)) this.addClockEvent(clock.id, 'clock-stopped', { kind: 'stop', at: Date.now() }, by);
  }

  // ── Clocks ───────────────────────────────────────────────────────────────

  /** Starts a clock of the case as a whole. */
  startClock(name: ClockName<D>, options: { readonly organ: string; readonly since?: CivilDate; readonly key?: string; readonly trigger: string }): void {
    const limit = this.definition.clocks[name]?.limit;
    if (limit === undefined) throw new Error(`${this.definition.type} has no clock ${name}`);
    const id = options.key === undefined ? name : `${name}.${options.key}`;
    if (this.once(`clock:${id}`)) this.beginClock(id, limit, options.organ, options);
  }

  /** The act a case clock measured is done. */
  stopClock(id: ClockName<D> | (string & {})): void {
    const clock = this.view.clocks.find((each) => each.id === id);
    if (this.once(`clock-stop:${id}`) && clock !== undefined && !isStopped(clock.spec)) {
      this.addClockEvent(id, 'clock-stopped', { kind: 'stop', at: Date.now() }, timer);
    }
  }

  /** Time that the law does not count, e.g. a hearing (信访工作条例 36); both days belong to it. */
  exclude(id: string, from: CivilDate, to: CivilDate, ground: string, by: Actor): void {
    if (this.once(`exclude:${id}`)) this.addClockEvent(id, 'clock-excluded', { kind: 'exclude', at: Date.now(), from, to, ground }, by);
  }

  private beginClock(id: string, limitId: string, organ: string, how: { since?: CivilDate | undefined; override?: Limit | undefined; trigger: string }): void {
    const at = Date.now();
    const event: ClockEvent = { kind: 'start', at, trigger: how.trigger, ...(how.since === undefined ? {} : { on: how.since }) };
    // Versions and jurisdiction are pinned with the first recording; until then they are blank.
    const law = this.view.law ?? { policyVersion: '', calendarVersion: '', jurisdiction: '' };
    const clock: CaseClock = {
      id, organ, fired: [], reading: null, rules: null,
      spec: { clockId: id, limitId, ...law, events: [event], ...(how.override === undefined ? {} : { override: how.override }) },
    };
    this.unread.add(id);
    this.ledger.enter('clock-started', { by: timer, clock: id, facts: { limit: limitId, trigger: how.trigger, since: how.since ?? null } }, {
      clocks: [...this.view.clocks.filter((each) => each.id !== id), clock],
    });
  }

  /** Adds an event to a clock; its dates are read anew with the next recording. */
  addClockEvent(id: string, kind: EventKind, event: ClockEvent, by: Actor, detail?: Json): number {
    this.unread.add(id);
    const clocks = this.view.clocks.map((clock) => clock.id === id ? { ...clock, spec: { ...clock.spec, events: [...clock.spec.events, event] } } : clock);
    return this.ledger.enter(kind, { by, clock: id, facts: { ...event }, ...(detail === undefined ? {} : { detail }) }, { clocks });
  }

  patchClock(id: string, patch: Partial<CaseClock>): void {
    this.ledger.view = { ...this.view, clocks: this.view.clocks.map((clock) => clock.id === id ? { ...clock, ...patch } : clock) };
  }

  private rungTitle(clock: CaseClock, key: string): string {
    const rung = clock.rules?.ladder.find((each) => each.key === key);
    return `${clock.rules?.title.zh ?? clock.id}: ${rung?.title.zh ?? key} ${rung?.title.en ?? ''}`.trim();
  }

  /** Lets every rung act whose legal moment has come by `until`. */
  fireRungs(clockId: string, until: number): void {
    for (;;) {
      const clock = this.view.clocks.find((each) => each.id === clockId);
      const due = clock !== undefined && !isStopped(clock.spec) && clock.reading?.paused !== true
        ? clock.reading?.rungs.find((rung) => rung.at <= until && !clock.fired.includes(rung.key)) : undefined;
      if (clock === undefined || due === undefined) return;
      this.fire(clock, due);
    }
  }

  private fire(clock: CaseClock, due: { readonly key: string; readonly date: string; readonly at: number }): void {
    const rung = clock.rules?.ladder.find((each) => each.key === due.key);
    if (rung === undefined) throw new Error(`clock ${clock.id} has no rung ${due.key}`);
    this.patchClock(clock.id, { fired: [...clock.fired, due.key] });
    const level = Math.max(this.view.escalationLevel, levels[rung.effect]);
    // A clock that was started anew climbs its ladder anew: the number of the event tells one climb from the other.
    const acted = this.ledger.enter('rung', {
      by: timer, clock: clock.id,
      facts: { rung: rung.key, effect: rung.effect, organ: clock.organ, legalDate: due.date, legalAt: due.at, actedAt: Date.now(), level },
    }, { escalationLevel: level });
    this.ledger.view = withDueDates(this.view);
    const steps = this.view.openSteps.filter((step) => step.clock === clock.id);
    for (const to of this.addressees(rung, clock, steps)) this.sendNotice(to, `rung.${rung.effect}`, { clock: clock.id, rung: rung.key, legalDate: due.date, title: { ...rung.title } });
    if (rung.effect === 'lapse') {
      for (const step of steps) {
        this.ledger.enter('step-lapsed', { by: timer, step: step.id, facts: { round: step.round, legalDate: due.date } }, this.withoutStep(step.id));
        this.endStep(step, { answer: 'lapsed', fields: {}, by: asJsonActor(timer), at: Date.now() });
      }
    }
    if (rung.effect === 'criticism') this.publishCriticism(clock.organ, `${this.rungTitle(clock, rung.key)} (${due.date})`, `rung:${clock.id}:${rung.key}:${acted}`);
    if (rung.effect === 'referral') this.background(() => this.referHead(clock, due.date, rung, acted));
  }

  private addressees(rung: LadderRung, clock: CaseClock, steps: readonly OpenStep[]): readonly Assignee[] {
    return rung.notify.flatMap((whom): readonly Assignee[] => {
      switch (whom) {
        case 'assignee': return steps.length > 0 ? steps.map((step) => step.assignee) : [{ roles: ['department', 'handler'], organ: clock.organ }];
        case 'leader': return [{ roles: ['leader'], organ: clock.organ }];
        case 'handler': return [{ roles: ['handler', 'supervisor'], organ: this.view.leadOrgan }];
        case 'supervisor': return [{ roles: ['supervisor'], organ: `supervisory-of:${clock.organ}` }];
      }
    });
  }

  // ── What follows: notices, criticism, linked cases, other systems ────────

  /** A message of the procedure into somebody's inbox, or to the complainant; `detail` is confidential. */
  notify(to: Assignee | 'complainant', template: string, facts: { readonly [key: string]: Json } = {}, detail?: Json): void {
    if (this.once(`notice:${template}:${typeof to === 'string' ? to : `${to.organ}/${to.roles.join()}`}`)) this.sendNotice(to, template, facts, detail);
  }

  /** A message sent by the kit itself, outside the procedure and its journal. */
  sendNotice(to: Assignee | 'complainant', template: string, facts: { readonly [key: string]: Json } = {}, detail?: Json): void {
    this.ledger.enter('notice', { by: timer, facts: { ...facts, to: typeof to === 'string' ? to : { ...to }, template }, ...(detail === undefined ? {} : { detail }) });
  }

  /** Another organ is in charge of the case from here on; it stands on the next event's view. */
  putInCharge(organ: string): void {
    this.ledger.view = { ...this.view, leadOrgan: organ, organs: this.view.organs.includes(organ) ? this.view.organs : [...this.view.organs, organ] };
  }

  /** Persons found concerned join those named at the start, so that recusal and confidentiality cover them too. */
  addPersons(persons: readonly Person[]): void {
    const known = new Set(this.view.persons.map((person) => person.staffId ?? person.name));
    const added = persons.filter((person) => !known.has(person.staffId ?? person.name));
    this.ledger.view = { ...this.view, persons: [...this.view.persons, ...added.filter((person, index) => added.findIndex((other) => (other.staffId ?? other.name) === (person.staffId ?? person.name)) === index)] };
  }

  /** Findings of an investigation stand on the case from now on. */
  recordFindings(findings: readonly Finding[], leadership: LeadershipExamined | undefined): void {
    this.addPersons(findings.map((finding) => finding.person));
    const responsible = findings.filter((finding) => finding.responsible);
    this.enter('finding', {
      by: timer,
      facts: { levels: findings.map((finding) => finding.level), responsible: responsible.length, leadershipExamined: leadership?.examined ?? false },
      detail: { findings: findings as unknown as Json, leadership: (leadership ?? null) as unknown as Json },
    }, { findings: findings as unknown as Json[] });
  }

  /** Names another case this one has to do with. */
  link(link: CaseLink): void {
    this.enter('case-linked', { by: timer, step: link.caseNumber, facts: { ...link } }, { links: [...this.view.links, link] });
  }

  /** An entry that records a fact of the procedure. */
  enter(kind: EventKind, entry: Entry, change: Partial<CaseView> = {}): void {
    if (this.once(`enter:${kind}:${entry.step ?? ''}`)) this.ledger.enter(kind, entry, change);
  }

  /** The procedure criticises an organ by notice 通报批评 (S2 四(二)). */
  criticise(organ: string, grounds: string, key: string): void {
    if (this.once(`criticism:${key}`)) this.publishCriticism(organ, grounds, key);
  }

  /** Notice of criticism of an organ, kept with the record system. */
  private publishCriticism(organ: string, grounds: string, key: string): void {
    this.ledger.enter('criticism', { by: timer, facts: { organ, grounds } });
    this.sendNotice({ roles: ['leader'], organ }, 'criticism', { grounds });
    this.background(() => this.call('recordCriticism', key, { organ, content: { grounds } }, `通报批评 notice of criticism: ${organ}`));
  }

  /**
   * Local activities go one after another: side by side they may resolve in another order when history is replayed than they did at first,
   * and what each sets off (an update completed, a search attribute) would not be found where history has it.
   */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.lastTurn.then(work);
    this.lastTurn = turn.then(() => undefined, () => undefined);
    return turn;
  }

  /** Relations of organs in the tree, as they were when asked. */
  async organs(...ids: string[]): Promise<Readonly<Record<string, OrganRelations>>> {
    return this.journalled(`organs:${ids.join()}`, () => this.inTurn(() => store.findOrgans(ids)));
  }

  /** Looks up an earlier case on the same matter. */
  async priorCase(caseNumber: string): Promise<Awaited<ReturnType<typeof store.findPriorCase>>> {
    return this.journalled(`prior:${caseNumber}`, () => this.inTurn(() => store.findPriorCase(caseNumber)));
  }

  /**
   * Calls another system under a key that makes a repeat harmless. While it is away the case waits and says so.
   * @param key unique within the case for this system
   */
  async call<N extends keyof SystemActivities>(name: N, key: string, entry: SystemCall<N>, summary: string): Promise<{ readonly receipt: string }> {
    const system = name === 'fileForRecord' || name === 'recordCriticism' || name === 'publish' ? 'records' : 'personnel';
    return this.journalled(`call:${name}:${key}`, async () => {
      const request = { ...entry, key: `${this.caseNumber}/${name}/${key}${this.courseSuffix}`, caseNumber: this.caseNumber, at: Date.now(), by: this.start.by } as unknown as never;
      const attempt = (patience: 'brisk' | 'patient'): Promise<{ readonly receipt: string }> => systemsWith(patience, summary)[name](request);
      let afterWaiting = false;
      const result = await attempt('brisk').catch(async (error: unknown) => {
        if (isCancellation(error)) throw error;
        afterWaiting = true;
        this.ledger.enter('system-waiting', { by: timer, facts: { system, for: name } }, { waiting: [...this.view.waiting, { system, since: Date.now() }] });
        return this.untilTaken(() => attempt('patient'), summary);
      });
      const first = afterWaiting ? this.view.waiting.findIndex((each) => each.system === system) : -1;
      this.ledger.enter('system-done', { by: timer, facts: { system, for: name, receipt: result.receipt, afterWaiting } }, { waiting: this.view.waiting.filter((_, index) => index !== first) });
      return result;
    });
  }

  /** Patience without end: what a system refused for good is tried again after an hour, or when an operator nudges the case. */
  private async untilTaken<T>(attempt: () => Promise<T>, summary: string): Promise<T> {
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (isCancellation(error)) throw error;
        const before = this.nudges;
        await condition(() => this.nudges > before, '1 hour', { summary: `等待恢复 waiting: ${summary}` });
      }
    }
  }

  /** Something that should have happened may not have: ladders look again, refused calls are tried again. */
  nudge(): void {
    this.nudges++;
    for (const clock of this.view.clocks) this.fireRungs(clock.id, Date.now());
  }

  /** Starts a case that outlives this one, linked both ways. Gives its number. */
  async startCase(type: string, key: string, intake: Json): Promise<string> {
    return this.journalled(`case:${type}:${key}`, async () => {
      const definition = getCaseDefinition(type);
      for (let attempt = 1; ; attempt++) {
        const intakeKey = `${this.caseNumber}/${type}/${key}${this.courseSuffix}/${attempt}`;
        const number = await this.inTurn(() => store.allocateCaseNumber({ type, prefix: definition.prefix, key: intakeKey, at: Date.now() }));
        const start: CaseStart = { caseNumber: number, intake, by: this.childStarter(), origin: { caseNumber: this.caseNumber, type: this.definition.type } };
        try {
          await startChild(definition.workflow, {
            workflowId: number, args: [start], parentClosePolicy: ParentClosePolicy.ABANDON, memo: { key: intakeKey },
            staticSummary: `${definition.title.zh} ${definition.title.en} ${number}`,
          });
        } catch (error) {
          // The number is taken when the store lost its newest numbers in a crash; the next one is free.
          if (error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError' && attempt < 50) continue;
          throw error;
        }
        this.ledger.enter('case-linked', { by: timer, facts: { caseNumber: number, type, relation: 'started' } }, { links: [...this.view.links, { caseNumber: number, type, relation: 'started' }] });
        return number;
      }
    });
  }

  private childStarter(): CaseStart['by'] {
    return { kind: 'system', id: this.caseNumber, organ: this.view.leadOrgan, roles: [] };
  }

  /** The last rung: the head of the organ that stayed silent is referred to the supervisory organ. */
  private async referHead(clock: CaseClock, legalDate: string, rung: LadderRung, acted: number): Promise<void> {
    const organ = (await this.organs(clock.organ))[clock.organ];
    await this.startCase('referral', `rung:${clock.id}:${rung.key}:${acted}`, {
      source: 'ladder',
      referringOrgan: this.view.leadOrgan,
      subject: `${organ?.title.zh ?? clock.organ}逾期未履行:${clock.rules?.title.zh ?? clock.id} (${this.caseNumber})`,
      facts: `${this.rungTitle(clock, rung.key)}; ${legalDate}; ${this.caseNumber}`,
      ownMeasures: '已催办、督办并通报批评 reminded, escalated to the supervisor and criticised',
      evidence: [{ title: `${this.caseNumber} 案卷 case file` }],
      persons: [organ?.head ?? { name: '机关主要负责人', organ: clock.organ, postLevel: 'organ-head' }],
    });
  }

  /** Runs beside the procedure; the case does not close before it is done. */
  background(work: () => Promise<unknown>): void {
    this.busy++;
    void CancellationScope.nonCancellable(work).finally(() => { this.busy--; });
  }

  // ── Journal ──────────────────────────────────────────────────────────────

  private async journalled<T>(name: string, work: () => Promise<T>): Promise<T> {
    const wait = `${name}#${this.nextRound(name)}`;
    const known = this.journal.get(wait);
    if (known !== undefined) return known as T;
    this.busy++;
    try {
      const result = await work();
      this.journal.set(wait, result as Json);
      return result;
    } finally {
      this.busy--;
    }
  }

  /** True the first time the procedure gets to this point, false when it runs through it again in a new run. */
  private once(name: string): boolean {
    const wait = `${name}#${this.nextRound(name)}`;
    if (this.journal.has(wait)) return false;
    this.journal.set(wait, true);
    return true;
  }

  private nextRound(name: string): number {
    const round = (this.rounds.get(name) ?? 0) + 1;
    this.rounds.set(name, round);
    return round;
  }

  /** Whether the code of a change applies to this case; asked once per case and kept when it goes on in a new run. */
  patched(id: string): boolean {
    const wait = `patch:${id}`;
    const known = this.journal.get(wait);
    if (known !== undefined) return known === true;
    const applies = this.run === 0 ? patched(id) : false;
    this.journal.set(wait, applies);
    return applies;
  }

  /** Forgets the procedure's journal, so that it can begin anew (a follower released by its leading case). */
  restart(): void {
    const course = this.course + 1;
    this.journal.clear();
    this.rounds.clear();
    this.journal.set('course', course);
    this.answered.clear();
    this.early.clear();
  }

  /** How often the procedure has begun anew. */
  private get course(): number { return Number(this.journal.get('course') ?? 0); }

  /** Sets apart, in the keys by which other systems know a fact, what a procedure did before it began anew. */
  private get courseSuffix(): string { return this.course === 0 ? '' : `/${this.course}`; }

  journalEntries(): Readonly<Record<string, Json>> { return Object.fromEntries(this.journal); }

  // ── Recording ────────────────────────────────────────────────────────────

  /** Resolves once everything up to `seq` is on record. */
  async recorded(seq: number = this.ledger.seq): Promise<void> {
    await condition(() => this.ledger.recordedSeq >= seq);
  }

  /** One activation, one write: takes what has gathered and records it in one local activity, until the case is over. */
  async record(): Promise<void> {
    if (this.run > 0) this.showAndArm();
    for (;;) {
      await condition(() => this.ledger.hasPending || this.finished);
      if (!this.ledger.hasPending) return;
      await CancellationScope.nonCancellable(() => this.recordOnce());
    }
  }

  private async recordOnce(): Promise<void> {
    const { events, result } = await this.inTurn(async () => {
      const read = [...this.unread];
      this.unread.clear();
      const taken = this.ledger.takePending();
      return { events: taken, result: await store.record({
        view: withDueDates(this.view), events: taken, read, head: this.head,
        fence: { run: this.run, historyLength: workflowInfo().historyLength },
      }) };
    });
    this.head = result.head.hash;
    this.ledger.view = applyRecord(this.view, result);
    this.showAndArm();
    this.ledger.confirm(events.at(-1)?.seq ?? this.ledger.recordedSeq);
  }

  /** Timers and the managers' view belong to a run: a new one begins with them, every recording keeps them in step. */
  private showAndArm(): void {
    this.ladders.arm(this.view.status === 'closed' ? [] : this.view.clocks);
    this.managers.show(this.view);
  }

  /** Ends the case. Gives what the workflow returns. */
  async close(outcome: OutcomeOf<D> | 'withdrawn' | 'merged', result?: Json): Promise<CaseResult> {
    await condition(() => this.busy === 0);
    if (this.once('close')) {
      this.cancelSteps(timer, 'closed');
      this.ledger.enter('case-closed', { by: timer, facts: { outcome }, ...(result === undefined ? {} : { detail: result }) }, {
        status: 'closed', outcome, closedAt: Date.now(), openSteps: [], actions: [], waiting: [], stage: 'closed',
        due: null, dueAt: null, nextRungAt: null, overdue: false, ...(result === undefined ? {} : { result }),
      });
    }
    await this.recorded();
    return { caseNumber: this.caseNumber, outcome };
  }

  /** Lets the recorder end after its last write. */
  finish(): void {
    this.finished = true;
    this.ladders.dropAll();
  }

  /** A refusal as the caller sees it. */
  static refuse(type: string, message: string, detail: Json = {}): ApplicationFailure {
    return ApplicationFailure.create({ message, type, nonRetryable: true, details: [detail] });
  }
}

/** Steps are found by their id; the name before the dot is the definition's. */
export const definitionOfStep = (definition: CaseDefinition, id: string) => findStep(definition, stepNameOf(id));

const asJsonActor = (actor: Actor): Json => ({ ...actor, roles: [...actor.roles] });

function openingView<D extends CaseDefinition>(definition: D, start: CaseStart<IntakeOf<D>>): CaseView {
  const summary = definition.summarise(start.intake as never, { organ: start.by.organ });
  return {
    caseNumber: start.caseNumber, type: definition.type, revision: 0, status: 'open', stage: Object.keys(definition.stages)[0] ?? '',
    openedAt: Date.now(), startedBy: start.by, leadOrgan: summary.leadOrgan, organs: [...new Set([summary.leadOrgan, ...summary.organs])],
    openSteps: [], clocks: [], waiting: [], escalationLevel: 0, overdue: false, due: null, dueAt: null, nextRungAt: null,
    links: start.origin === undefined ? [] : [{ ...start.origin, relation: 'origin' }],
    actions: Object.keys(definition.actions) as CaseView['actions'], participants: [], law: null,
    subject: summary.subject, intake: start.intake as Json, persons: summary.persons, evidence: [], findings: [],
  };
}
