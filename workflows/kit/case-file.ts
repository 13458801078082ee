import { ApplicationFailure, CancellationScope, condition, patched } from '@temporalio/workflow';
import type { StoreActivities, SystemActivities } from '../../activities/contract';
import { findStep, type Actor, type CaseDefinition, type ClockName, type FieldIssue, type IntakeOf, type OutcomeOf, type StepAnswer, type StepName } from '../../domain/case-definition';
import type { Assignee, CaseClock, CaseLink, CaseView, EventKind, OpenStep } from '../../domain/case-file';
import type { CivilDate } from '../../domain/civil-date';
import type { ClockEvent } from '../../domain/clock';
import type { Json } from '../../domain/json';
import type { Limit } from '../../domain/limit';
import type { CaseResult, CaseStart, Receipt } from '../../domain/messages';
import type { Finding, LeadershipExamined, Person } from '../../domain/person';
import { isStopped } from '../../domain/record';
import type { Role } from '../../domain/roles';
import { Journal } from './journal';
import { Ladders } from './ladder';
import { Ledger, timer, type Entry } from './ledger';
import { ManagerView } from './manager-view';
import { openingView } from './opening';
import { Outside, type SystemCall } from './outside';
import { Recorder } from './recorder';
import { fireRungs, hasLapsed, rungTitle } from './rungs';

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
  /** Who answers, where the law in force names another than the definition. */
  readonly roles?: readonly Role[];
  /** What the officer must know to answer; confidential. */
  readonly context?: Json;
  /** What must hold of an answer beyond its fields: issues found in it, none when it may stand. Never of a lapse. */
  readonly check?: (answer: string, fields: Json) => readonly FieldIssue[];
}

/**
 * The case file: what a procedure speaks to. Steps, clocks, systems and linked cases, each a wait that is journalled by name,
 * so that a case of many months can go on in a new run and its procedure finds every earlier result where it was.
 */
export class CaseFile<D extends CaseDefinition> {
  readonly intake: IntakeOf<D>;
  readonly run: number;
  readonly ledger: Ledger;
  readonly journal: Journal;
  readonly receipts: Map<string, Receipt>;
  private readonly recorder: Recorder;
  private readonly outside: Outside;
  private readonly ladders: Ladders;
  private readonly managers: ManagerView;
  private readonly answered = new Map<string, (answer: Json) => void>();
  private readonly early = new Map<string, Json>();
  private readonly checks = new Map<string, NonNullable<StepOptions<D>['check']>>();

  constructor(readonly definition: D, readonly start: CaseStart<IntakeOf<D>>) {
    const carried = start.carried;
    this.intake = start.intake;
    this.run = carried?.run ?? 0;
    this.ledger = new Ledger(carried?.view ?? openingView(definition, start), carried?.seq ?? 0);
    this.journal = new Journal(carried?.journal ?? {}, this.run === 0);
    this.receipts = new Map(Object.entries(carried?.receipts ?? {}));
    this.recorder = new Recorder(this.ledger, this.run, carried?.head ?? '', () => { this.showAndArm(); });
    this.outside = new Outside(this.ledger, this.journal, this.recorder, start.by);
    this.managers = new ManagerView(definition);
    this.ladders = new Ladders((id, until) => { fireRungs(this, id, until); }, rungTitle);
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
  get quiet(): boolean { return !this.outside.busy && !this.ledger.hasPending && this.ledger.recordedSeq === this.ledger.seq; }

  // ── Steps ────────────────────────────────────────────────────────────────

  /** Opens a step and waits for its answer (or its lapse). */
  async step<S extends StepName<D>>(name: S, options: StepOptions<D>): Promise<StepAnswer<D['steps'][S]>> {
    const answer = await this.openStep(name, options);
    return answer as unknown as StepAnswer<D['steps'][S]>;
  }

  /** As {@link step}, for the kit's own steps. */
  async openStep(name: string, options: StepOptions<D>): Promise<Json> {
    const id = options.key === undefined ? name : `${name}.${options.key}`;
    const round = this.journal.nextRound(`step:${id}`);
    const wait = `step:${id}#${round}`;
    const known = this.journal.find(wait);
    if (known !== undefined) return known;
    // In a new run an answer may come before the procedure has run through its journal to the step that waits for it.
    const open = this.early.has(id) || this.view.openSteps.some((step) => step.id === id && step.round === round);
    if (!open) this.enterStep(name, id, round, options);
    if (options.check !== undefined) this.checks.set(id, options.check);
    const answer = await this.awaitAnswer(id);
    this.checks.delete(id);
    this.journal.keep(wait, answer);
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
    const assignee: Assignee = { roles: options.roles ?? definition.actors, organ: options.organ, ...(options.user === undefined ? {} : { user: options.user }) };
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

  /** Whether the procedure waits for a step: in a new run it does once it has run through its journal, and only then is known what must hold of the answer. */
  awaits(stepId: string): boolean { return this.answered.has(stepId); }

  /** Resolves once the procedure waits for a step, or the step is over. */
  untilAwaited(stepId: string): Promise<void> {
    return condition(() => this.awaits(stepId) || !this.view.openSteps.some((step) => step.id === stepId));
  }

  /** Refuses an answer after the moment of its lapse, also where that comes in the same instant and before the timer is heard. */
  refuseLapsed(step: OpenStep): void {
    if (hasLapsed(this, step, Date.now())) throw CaseFile.refuse('step-not-open', `the limit of step "${step.id}" has run out, and answered for it`);
  }

  /** Refuses an answer that the procedure finds wanting, as its fields alone cannot tell. */
  refuseWanting(stepId: string, answer: string, fields: Json): void {
    const issues = this.checks.get(stepId)?.(answer, fields) ?? [];
    if (issues.length > 0) throw CaseFile.refuse('invalid-fields', 'the fields of the answer do not fit the case', { issues: issues.map((issue) => ({ ...issue })) });
  }

  /** An answer reaches its step: it is closed, its own clock stops, the procedure goes on. */
  answerStep(step: OpenStep, answer: string, fields: Json, by: Actor): number {
    const seq = this.ledger.enter('step-answered', { by, step: step.id, facts: { answer, round: step.round }, detail: fields }, this.withoutStep(step.id));
    this.endStep(step, { answer, fields, by: asJsonActor(by), at: Date.now() });
    return seq;
  }

  private endStep(step: OpenStep, answer: Json): void {
    const own = this.view.clocks.find((clock) => clock.id === step.id);
    if (own !== undefined && !isStopped(own.spec)) this.endClock(own.id);
    const resolve = this.answered.get(step.id);
    this.answered.delete(step.id);
    if (resolve === undefined) this.early.set(step.id, answer);
    else resolve(answer);
  }

  private withoutStep(id: string): Partial<CaseView> {
    return { openSteps: this.view.openSteps.filter((step) => step.id !== id) };
  }

  /** A limit that answers for the silent 默认: the step is over without an answer. */
  lapseStep(step: OpenStep, legalDate: CivilDate): void {
    this.ledger.enter('step-lapsed', { by: timer, step: step.id, facts: { round: step.round, legalDate } }, this.withoutStep(step.id));
    this.endStep(step, { answer: 'lapsed', fields: {}, by: asJsonActor(timer), at: Date.now() });
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
    if (this.journal.once(`clock:${id}`)) this.beginClock(id, limit, options.organ, options);
  }

  /** The act a case clock measured is done. */
  stopClock(id: ClockName<D> | (string & {})): void {
    const clock = this.view.clocks.find((each) => each.id === id);
    if (this.journal.once(`clock-stop:${id}`) && clock !== undefined && !isStopped(clock.spec)) this.endClock(id);
  }

  /** A clock stops, and with it the asking for its extension: granted afterwards, it would tell the complainant of more time behind the reply. */
  private endClock(id: string): void {
    this.addClockEvent(id, 'clock-stopped', { kind: 'stop', at: Date.now() }, timer);
    const asked = this.view.openSteps.find((step) => step.id === `extension.${id}`);
    // Not `file.patched`: no procedure depends on it, so a case takes the new course with its next run at the latest.
    if (asked === undefined || !patched('2026-11-22-extension-ends-with-its-clock')) return;
    this.ledger.enter('step-cancelled', { by: timer, step: asked.id, facts: { ground: 'clock-stopped' } }, this.withoutStep(asked.id));
    this.answered.delete(asked.id);
    if (this.view.clocks.some((clock) => clock.id === asked.id && !isStopped(clock.spec))) this.endClock(asked.id);
  }

  /** Time that the law does not count, e.g. a hearing (信访工作条例 36); both days belong to it. */
  exclude(id: string, from: CivilDate, to: CivilDate, ground: string, by: Actor): void {
    if (this.journal.once(`exclude:${id}`)) this.addClockEvent(id, 'clock-excluded', { kind: 'exclude', at: Date.now(), from, to, ground }, by);
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
    this.recorder.reread(id);
    this.ledger.enter('clock-started', { by: timer, clock: id, facts: { limit: limitId, trigger: how.trigger, since: how.since ?? null } }, {
      clocks: [...this.view.clocks.filter((each) => each.id !== id), clock],
    });
  }

  /** Adds an event to a clock; its dates are read anew with the next recording. */
  addClockEvent(id: string, kind: EventKind, event: ClockEvent, by: Actor, detail?: Json): number {
    this.recorder.reread(id);
    const clocks = this.view.clocks.map((clock) => clock.id === id ? { ...clock, spec: { ...clock.spec, events: [...clock.spec.events, event] } } : clock);
    return this.ledger.enter(kind, { by, clock: id, facts: { ...event }, ...(detail === undefined ? {} : { detail }) }, { clocks });
  }

  patchClock(id: string, patch: Partial<CaseClock>): void {
    this.ledger.view = { ...this.view, clocks: this.view.clocks.map((clock) => clock.id === id ? { ...clock, ...patch } : clock) };
  }

  // ── What follows: notices, criticism, linked cases, other systems ────────

  /** A message of the procedure into somebody's inbox, or to the complainant; `detail` is confidential. */
  notify(to: Assignee | 'complainant', template: string, facts: { readonly [key: string]: Json } = {}, detail?: Json): void {
    if (this.journal.once(`notice:${template}:${typeof to === 'string' ? to : `${to.organ}/${to.roles.join()}`}`)) this.sendNotice(to, template, facts, detail);
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
    if (this.journal.once(`enter:${kind}:${entry.step ?? ''}`)) this.ledger.enter(kind, entry, change);
  }

  /** The procedure criticises an organ by notice 通报批评 (S2 四(二)). */
  criticise(organ: string, grounds: string, key: string): void {
    if (this.journal.once(`criticism:${key}`)) this.publishCriticism(organ, grounds, key);
  }

  /** Notice of criticism of an organ, kept with the record system. */
  publishCriticism(organ: string, grounds: string, key: string): void {
    this.ledger.enter('criticism', { by: timer, facts: { organ, grounds } });
    this.sendNotice({ roles: ['leader'], organ }, 'criticism', { grounds });
    this.background(() => this.call('recordCriticism', key, { organ, content: { grounds } }, `通报批评 notice of criticism: ${organ}`));
  }

  // ── Others: the organ tree, other systems, other cases ───────────────────

  /** Relations of organs in the tree, as they were when asked. */
  organs(...ids: string[]): ReturnType<Outside['organs']> { return this.outside.organs(ids); }

  /** Looks up an earlier case on the same matter. */
  priorCase(caseNumber: string): ReturnType<Outside['priorCase']> { return this.outside.priorCase(caseNumber); }

  /** Tells another system, once; while it is away the case waits and says so. */
  call<N extends keyof SystemActivities>(name: N, key: string, entry: SystemCall<N>, summary: string): Promise<{ readonly receipt: string }> {
    return this.outside.call(name, key, entry, summary);
  }

  /** Starts a case that outlives this one, linked both ways. Gives its number. */
  startCase(type: string, key: string, intake: Json): Promise<string> { return this.outside.startCase(type, key, intake); }

  /** Runs beside the procedure; the case does not close before it is done. */
  background(work: () => Promise<unknown>): void { this.outside.background(work); }

  /** Something that should have happened may not have: ladders look again, what was refused is tried again. */
  nudge(): void {
    this.recorder.nudge();
    this.outside.nudge();
    for (const clock of this.view.clocks) fireRungs(this, clock.id, Date.now());
  }

  /** Whether the code of a change applies to this case. */
  patched(change: string): boolean { return this.journal.patched(change); }

  /** Lets the procedure begin anew (a follower released by its leading case). */
  restart(): void {
    this.journal.restart();
    this.answered.clear();
    this.early.clear();
    this.checks.clear();
  }

  // ── Recording ────────────────────────────────────────────────────────────

  /** Hash of the last event on file. */
  get head(): string { return this.recorder.head; }

  /** The place of this case among the writers of its file. */
  get place(): Recorder['place'] { return this.recorder.place; }

  /** Resolves once everything up to `seq` is on record. */
  recorded(seq?: number): Promise<void> { return this.recorder.recorded(seq); }

  /** Records every activation until the case is over. */
  record(): Promise<void> { return this.recorder.run(); }

  /** Whether the last rung of a ladder has referred the head of an organ to the supervisory organ. */
  hasReferredHeadOf(organ: string): boolean {
    return this.view.clocks.some((clock) => clock.organ === organ && clock.rules?.ladder.some((rung) => rung.effect === 'referral' && clock.fired.includes(rung.key)) === true);
  }

  /** Whether a clock has had an event since its dates were read. */
  awaitsReading(clockId: string): boolean { return this.recorder.awaitsReading(clockId); }

  /** Looks something up in the store, in turn with every other local activity. */
  lookUp<T>(work: (store: StoreActivities) => Promise<T>): Promise<T> { return this.recorder.lookUp(work); }

  /** Every recording keeps timers and the managers' view in step with the case. */
  private showAndArm(): void {
    this.ladders.arm(this.view.status === 'closed' ? [] : this.view.clocks);
    this.managers.show(this.view);
  }

  /** Ends the case. Gives what the workflow returns. */
  async close(outcome: OutcomeOf<D> | 'withdrawn' | 'merged', result?: Json): Promise<CaseResult> {
    await condition(() => !this.outside.busy);
    if (this.journal.once('close')) {
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
    this.recorder.finish();
    this.ladders.dropAll();
  }

  /** A refusal as the caller sees it. */
  static refuse(type: string, message: string, detail: Json = {}): ApplicationFailure {
    return ApplicationFailure.create({ message, type, nonRetryable: true, details: [detail] });
  }
}

const asJsonActor = (actor: Actor): Json => ({ ...actor, roles: [...actor.roles] });
