import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ProblemError, WenzeClient } from '../../client';
import { civilDateAt } from '../../domain/civil-date';
import { freePort } from '../../launch/ports';
import { readSettings } from '../../launch/settings';
import { System, type Addresses } from '../../launch/system';
import { explanation, incident, notInvolved, referral } from '../support/intakes';

/**
 * Worker, API, Temporal and MongoDB are each ended with SIGKILL at random steps of three cases and started again by the launcher.
 * The cases end as they do undisturbed, and every answer that got a 2xx is on its case exactly once.
 * WENZE_CHAOS_SEED repeats a run; WENZE_CHAOS_KEEP=1 keeps its data and logs.
 */
jest.setTimeout(600_000);

const seed = Number(process.env['WENZE_CHAOS_SEED'] ?? 503_253);
const portNames = ['PORT', 'SYSTEMS_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT', 'TEMPORAL_METRICS_PORT', 'WORKER_METRICS_PORT', 'MONGODB_PORT'];
const victims = ['worker', 'api', 'temporal', 'mongodb', 'systems'];

type Turn = readonly [step: string, answer: string, fields: Record<string, unknown>, by: string];
interface Plan { readonly type: string; readonly intake: Record<string, unknown>; readonly by: string; readonly outcome: string; readonly starts: readonly string[]; readonly turns: readonly Turn[] }

const today = civilDateAt(Date.now());
const officer = { name: '水务经办员乙', staffId: 'YZ1021', organ: 'yz-water', postLevel: 'civil-servant' };
const leadership = { examined: true, result: '分管负责人已检查' };
const fault = { level: 'handling', person: officer, responsible: true, fault: '未履行', cause: 'duty-not-performed' };

const plans: readonly Plan[] = [
  {
    type: 'complaint', by: 'handler', outcome: 'replied-fault-found', starts: ['referral'],
    intake: { channel: 'web', subject: '办证拖延', facts: '三个月未办结。', complainant: { anonymous: true }, accused: { organ: 'yz-water' } },
    turns: [
      ['route', 'route', { organ: 'yz-water', procedure: '六十日内答复' }, 'handler'],
      ['accept', 'accept', {}, 'department'],
      ['investigate', 'report', { faultFound: true, facts: '属实', findings: [fault], leadership }, 'department'],
      ['review', 'return', { reasons: '补充' }, 'reviewer'],
      ['investigate', 'report', { faultFound: true, facts: '属实,已补充', findings: [fault], leadership }, 'department'],
      ['review', 'agree', {}, 'reviewer'],
      ['approve', 'approve', {}, 'leader.water'],
      ['reply', 'send', { text: '答复如下' }, 'department'],
      ['rate', 'satisfied', {}, 'handler'],
    ],
  },
  {
    type: 'incident-review', by: 'supervisor', outcome: 'notified', starts: ['referral'], intake: { ...incident, occurredOn: today },
    turns: [
      ['explain.yz-water', 'explain', explanation, 'department'],
      ['examine.yz-water', 'return', { reasons: '不具体' }, 'leader'],
      ['explain.yz-water', 'explain', explanation, 'department'],
      ['examine.yz-water', 'accept', {}, 'leader'],
      ['investigate', 'report', { facts: '经查', findings: [fault], levelsNotInvolved: notInvolved('review', 'approval'), leadership, dereliction: false, touchesHead: false }, 'supervisor'],
      ['approve', 'approve', {}, 'leader'],
      ['notify.yz-water', 'notify', { text: '通报' }, 'department'],
    ],
  },
  {
    type: 'referral', by: 'referrer', outcome: 'decided', starts: [], intake: { ...referral, persons: [officer] },
    turns: [
      ['receive', 'accept', {}, 'supervisor'],
      ['investigate', 'report', { facts: '经查', findings: [{ ...fault, cause: undefined }], leadership }, 'supervisor'],
      ['statement.1', 'heard', { statement: '无异议', accepted: false, reasons: '事实清楚' }, 'supervisor'],
      ['review', 'agree', {}, 'reviewer'],
      ['decide', 'decide', { decisions: [{ name: officer.name, staffId: officer.staffId, measure: 'demotion', direct: true, reasons: '失职' }], effectiveOn: today, publish: 'government' }, 'approver'],
      ['serve', 'served', { on: today, method: 'in-person' }, 'supervisor'],
      ['feedback', 'send', { text: '结果如下' }, 'supervisor'],
      ['personnel-change.1', 'done', { on: today, change: '降级' }, 'personnel'],
    ],
  },
];

/** Park–Miller: the same seed, the same kills. */
function dice(start: number): (sides: number) => number {
  let state = (start % 2_147_483_646) + 1;
  return (sides) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % sides;
  };
}

const data = mkdtempSync(path.join(os.tmpdir(), 'wenze-chaos-'));
const said: string[] = [];
let system: System;
let addresses: Addresses;
const clients = new Map<string, WenzeClient>();

beforeAll(async () => {
  const ports: Record<string, string> = {};
  for (const name of portNames) ports[name] = String(await freePort());
  system = new System(readSettings({ ...ports, WENZE_DATA: data }), { PATH: process.env['PATH'], HOME: process.env['HOME'], LOG_LEVEL: 'warn' }, (line) => said.push(line));
  addresses = await system.start();
});

afterAll(async () => {
  await system.stop();
  if (process.env['WENZE_CHAOS_KEEP'] === undefined) rmSync(data, { recursive: true, force: true });
});

/** Tries until it is answered; what is away comes back. A refusal that is no outage is the test's failure. */
async function persist<T>(what: string, attempt: () => Promise<T>, limitMs = 120_000): Promise<T> {
  const until = Date.now() + limitMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const away = !(error instanceof ProblemError) || error.status === 503 || error.status === 429 || error.code === 'step-not-open' || error.code === 'unknown-case' || error.code === 'internal-error';
      if (!away || Date.now() > until) throw new Error(`seed ${seed}: ${what}`, { cause: error });
      await delay(200);
    }
  }
}

const as = (user: string): Promise<WenzeClient> => persist(`${user} signs in`, async () => {
  const known = clients.get(user) ?? await WenzeClient.login(addresses.api, user, 'wenze-demo');
  clients.set(user, known);
  return known;
});

/** Ends a process without warning; the launcher starts it again. */
function kill(name: string): void {
  const pid = system.services.find((service) => service.logFile.endsWith(`${path.sep}${name}.log`))?.pid;
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // Dead already, and not started again yet.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function conduct(plan: Plan, index: number, disturb: () => void): Promise<{ caseNumber: string; receipts: number[] }> {
  const key = `${plan.type}-${index}`;
  const caseNumber = await persist(`${key} starts`, async () => (await as(plan.by)).startCase(plan.type, plan.intake, key));
  const receipts: number[] = [];
  for (const [turn, [step, answer, fields, by]] of plan.turns.entries()) {
    disturb();
    const receipt = await persist(`${key} ${step}`, async () => (await as(by)).answer(caseNumber, step, answer, fields, `${key}-${turn}`));
    receipts.push(receipt.seq);
  }
  return { caseNumber, receipts };
}

test('three cases end the same whatever is killed on the way, and nothing acknowledged is lost or doubled', async () => {
  const roll = dice(seed);
  const killed: string[] = [];
  let index = 0;
  const disturbed = await Promise.all(plans.map((plan) => conduct(plan, index++, () => {
    // About every other answer something dies, each kind of process in turn first so that all of them do.
    if (roll(2) === 0) return;
    const victim = victims[killed.length < victims.length ? killed.length : roll(victims.length)] ?? 'worker';
    killed.push(victim);
    kill(victim);
  })));
  expect(new Set(killed)).toEqual(new Set(victims));

  for (const [at, { caseNumber, receipts }] of disturbed.entries()) {
    const plan = plans[at];
    if (plan === undefined) throw new Error('a case without a plan');
    const view = await persist(`${caseNumber} closes`, async () => {
      const seen = await (await as('auditor')).getCase(caseNumber);
      if (seen.status !== 'closed') throw new Error(`${caseNumber} is still ${seen.stage}`);
      return seen;
    });
    expect({ caseNumber, outcome: view.outcome, starts: view.links.filter((link) => link.relation === 'started').map((link) => link.type) })
      .toEqual({ caseNumber, outcome: plan.outcome, starts: plan.starts });
    const events = await persist(`${caseNumber} events`, async () => {
      const all = [];
      for await (const event of (await as('auditor')).events(caseNumber)) all.push(event);
      return all;
    });
    expect(events.map((event) => event.seq)).toEqual(events.map((_, position) => position + 1));
    expect(events.filter((event) => event.kind === 'step-answered').map((event) => event.seq)).toEqual(receipts);
    expect(events.filter((event) => event.kind === 'case-closed')).toHaveLength(1);
  }
});
