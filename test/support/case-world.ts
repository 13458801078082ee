import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { createActivities, type CaseActivities } from '../../activities';
import { fenceOf } from '../../activities/store-activities';
import { Keyring } from '../../crypto/keyring';
import type { ActionName, Actor } from '../../domain/case-definition';
import type { CaseEvent, CaseView } from '../../domain/case-file';
import { civilDateAt } from '../../domain/civil-date';
import { getCaseDefinition } from '../../domain/cases/registry';
import type { Law } from '../../domain/clock';
import type { Json } from '../../domain/json';
import { messageNames, type CaseResult, type CaseStart, type Receipt } from '../../domain/messages';
import type { Person } from '../../domain/person';
import { loadLaw } from '../../policy/load';
import { demoOrganTree, demoUsers } from '../../policy/demo';
import { openStore, type Store } from '../../store';
import { createSystemsApp, type Fault } from '../../systems/app';
import { SystemsClient } from '../../systems/client';
import { createDataConverter } from '../../temporal/codec';
import { searchAttributes } from '../../worker/search-attributes';
import { bundleOnce } from './bundle';
import { startMongo, testServerPath, type MongoServer } from './servers';

const users = demoUsers();
const token = 'test-systems-token';

/** A keyring for one test file. */
export const testKeyring = (): Keyring => new Keyring({ current: 'k1', keys: { k1: randomBytes(32).toString('base64') } });

/** The demo user of this name as an actor. */
export function actor(id: string): Actor & { readonly organ: string } {
  const user = users.find((each) => each.id === id);
  if (user === undefined) throw new Error(`no demo user ${id}`);
  return { kind: 'user', id, organ: user.organ, roles: user.roles, ...(user.staffId === null ? {} : { staffId: user.staffId }) };
}

/** The demo user of this name as a person concerned. */
export function personOf(id: string, postLevel: Person['postLevel'] = 'civil-servant'): Person {
  const user = users.find((each) => each.id === id);
  if (user === undefined) throw new Error(`no demo user ${id}`);
  return { name: user.name, organ: user.organ, postLevel, ...(user.staffId === null ? {} : { staffId: user.staffId }) };
}

/** A refusal as the API would see it. */
export interface Refused { readonly type: string | null | undefined; readonly message: string; readonly detail: unknown }

/** Knows whether local activities are under way. */
class Recordings {
  private running = 0;
  private last = Date.now();

  watch(activities: CaseActivities): CaseActivities {
    const watched = <A extends unknown[], R>(work: (...args: A) => Promise<R>) => async (...args: A): Promise<R> => {
      this.running++;
      try {
        return await work(...args);
      } finally {
        this.running--;
        this.last = Date.now();
      }
    };
    return {
      ...activities,
      record: watched((batch) => activities.record(batch)), findOrgans: watched((ids) => activities.findOrgans(ids)),
      allocateCaseNumber: watched((request) => activities.allocateCaseNumber(request)), findPriorCase: watched((caseNumber) => activities.findPriorCase(caseNumber)),
    };
  }

  quietFor(ms: number): boolean { return this.running === 0 && Date.now() - this.last >= ms; }
}

/**
 * Cases on the time-skipping server with the real store, the real law and the reference systems over HTTP:
 * months pass in a moment, and nothing else is pretended.
 */
export class CaseWorld {
  /** What the systems do wrong on purpose; a function is asked at each request. */
  fault: Fault | (() => Fault | undefined) | undefined;
  private sequence = 0;

  private constructor(
    readonly environment: TestWorkflowEnvironment, readonly store: Store, readonly keyring: Keyring, readonly systems: SystemsClient,
    private readonly recordings: Recordings,
    private readonly mongo: MongoServer, private readonly http: Server, private readonly worker: Worker, private readonly running: Promise<void>,
  ) {}

  /** Starts servers and worker, and lets time run to the morning of `day` (Shanghai). */
  static async begin(day: string, options: { readonly workflowsPath?: string; readonly law?: Law } = {}): Promise<CaseWorld> {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    const mongo = await startMongo();
    const keyring = testKeyring();
    const store = await openStore({ uri: mongo.uri, database: 'cases', keyring });
    const shared: { world?: CaseWorld } = {};
    const { app, prepare } = createSystemsApp({
      personnelDb: store.connection.client.db('personnel'), recordsDb: store.connection.client.db('records'), keyring, token,
      log: { error: () => undefined }, faults: () => {
        const fault = shared.world?.fault;
        return typeof fault === 'function' ? fault() : fault;
      },
    });
    await prepare();
    const http = createServer(app);
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const systems = new SystemsClient({ personnelUrl: `${base}/personnel`, recordsUrl: `${base}/records`, token, timeoutMs: 2_000 });

    const environment = await TestWorkflowEnvironment.createTimeSkipping({
      server: { executable: { type: 'existing-path', path: await testServerPath() } },
      client: { dataConverter: createDataConverter(keyring) },
    });
    // The time-skipping server adds search attributes but does not list them; 1 text … by the protocol's IndexedValueType.
    const types = { Keyword: 2, Int: 3, Bool: 5, Datetime: 6 } as const;
    await environment.connection.operatorService.addSearchAttributes({
      namespace: 'default', searchAttributes: Object.fromEntries(Object.entries(searchAttributes).map(([name, type]) => [name, types[type]])),
    });
    const recordings = new Recordings();
    const worker = await Worker.create({
      connection: environment.nativeConnection, taskQueue: 'cases', dataConverter: createDataConverter(keyring),
      workflowBundle: await bundleOnce(options.workflowsPath),
      activities: recordings.watch(createActivities({
        store, law: options.law ?? loadLaw(), organs: demoOrganTree(), jurisdiction: 'cn', systems,
        findHead: (organ) => {
          const head = users.find((user) => user.organ === organ && user.roles.includes('leader'));
          return Promise.resolve(head === undefined ? null : personOf(head.id, 'organ-head'));
        },
      })),
    });
    shared.world = new CaseWorld(environment, store, keyring, systems, recordings, mongo, http, worker, worker.run());
    await shared.world.skipTo(`${day}T09:00:00+08:00`);
    return shared.world;
  }

  /** Ends everything this world started. */
  async end(): Promise<void> {
    this.worker.shutdown();
    await this.running;
    await this.environment.teardown();
    this.http.closeAllConnections();
    this.http.close();
    await this.store.close();
    await this.mongo.stop();
  }

  /** The server's time, milliseconds. */
  now(): Promise<number> { return this.environment.currentTimeMs(); }

  /** The day it is in Shanghai. */
  async today(): Promise<string> { return civilDateAt(await this.now()); }

  /** Lets time pass to an instant written with its offset; timers on the way fire. */
  async skipTo(instant: string): Promise<void> {
    const wait = Date.parse(instant) - await this.now();
    if (wait > 0) await this.environment.sleep(wait);
  }

  /** Starts a case as a demo user. Resolves once it is on file. */
  async start(type: string, intake: Json, by: string, extra: Partial<CaseStart> = {}): Promise<string> {
    const definition = getCaseDefinition(type);
    const caseNumber = `${definition.prefix}-2030-${String(900_000 + ++this.sequence)}`;
    const parsed = definition.intake.parse(intake) as Json;
    const start: CaseStart = { caseNumber, intake: parsed, by: actor(by), ...extra };
    await this.environment.client.workflow.start(definition.workflow, { workflowId: caseNumber, taskQueue: 'cases', args: [start], memo: { key: caseNumber } });
    await this.settled(caseNumber);
    return caseNumber;
  }

  handle(caseNumber: string): WorkflowHandle<() => Promise<CaseResult>> {
    return this.environment.client.workflow.getHandle(caseNumber);
  }

  /**
   * Waits until everything that has happened is on file: no recording is under way, none has been for a moment, and the case has no task to do,
   * so that none will be for what has reached it.
   */
  async settled(caseNumber: string): Promise<void> {
    await this.until(async () => this.recordings.quietFor(150) && await this.store.cases.findView(caseNumber) !== null && await this.idle(caseNumber), `${caseNumber} to be on file`);
  }

  /** Whether a case has done all tasks that Temporal has set it. */
  private async idle(caseNumber: string): Promise<boolean> {
    const events = (await this.handle(caseNumber).fetchHistory()).events ?? [];
    const last = events.at(-1);
    const set = events.findLastIndex((event) => event.workflowTaskScheduledEventAttributes != null);
    const done = events.findLastIndex((event) => event.workflowTaskCompletedEventAttributes != null);
    return done > set || last?.workflowExecutionTerminatedEventAttributes != null;
  }

  /**
   * The case as it is on file. Not by query: this server hands a query to the worker while a local activity runs, and SDK 1.24 then
   * puts the activity's end after events that history has behind it, so that the history cannot be replayed.
   */
  async view(caseNumber: string): Promise<CaseView> {
    const view = await this.store.cases.findView(caseNumber);
    if (view === null) throw new Error(`${caseNumber} is not on file`);
    return view;
  }

  /** How often a case has gone on in a new run, by the place of its last writer. */
  async run(caseNumber: string): Promise<number> {
    const document = await this.store.connection.collections.cases.findOne({ _id: caseNumber });
    return Math.floor((document?.fence ?? 0) / fenceOf({ run: 1, historyLength: 0 }));
  }

  /** Every event on file of a case. */
  async events(caseNumber: string): Promise<CaseEvent[]> {
    return (await this.store.cases.findEvents(caseNumber)).map((chained) => chained.event);
  }

  /** Answers a step as a demo user. */
  answer(caseNumber: string, step: string, answer: string, fields: Json, by: string | Actor, key?: string): Promise<Receipt> {
    return this.handle(caseNumber).executeUpdate(messageNames.answer, {
      args: [{ step, answer, fields, by: typeof by === 'string' ? actor(by) : by, ...(key === undefined ? {} : { key }) }], ...(key === undefined ? {} : { updateId: key }),
    });
  }

  /** Takes an action as a demo user. */
  act(caseNumber: string, action: ActionName, fields: Json, by: string): Promise<Receipt> {
    return this.handle(caseNumber).executeUpdate(messageNames.act, { args: [{ action, fields, by: actor(by) }] });
  }

  /** The refusal an attempt meets; fails when it is not refused. */
  async refusal(attempt: Promise<unknown>): Promise<Refused> {
    try {
      await attempt;
    } catch (error) {
      if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure) {
        return { type: error.cause.type, message: error.cause.message, detail: error.cause.details?.[0] };
      }
      throw error;
    }
    throw new Error('was not refused');
  }

  /** Waits for a step to be open. */
  async untilOpen(caseNumber: string, step: string): Promise<void> {
    await this.until(async () => (await this.view(caseNumber)).openSteps.some((each) => each.id === step), `${step} of ${caseNumber} to be open`);
  }

  /** Waits for a case to be closed and gives its result. */
  async result(caseNumber: string): Promise<CaseResult> { return this.handle(caseNumber).result(); }

  /** Waits for a condition of the outside world; fails after `limitMs` with what was waited for. */
  async until(condition: () => Promise<boolean>, what: string, limitMs = 20_000): Promise<void> {
    const end = Date.now() + limitMs;
    while (!await condition()) {
      if (Date.now() > end) throw new Error(`waited ${limitMs} ms for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
