import { WenzeClient } from '../../client';
import { civilDateAt } from '../../domain/civil-date';
import { executable } from '../documents/samples';
import type { Secrets } from './searching';
import type { WholeSystem } from './whole-system';

const today = civilDateAt(Date.now());

/** Cases and what else is asked of the system, with a secret in every field that takes words. Gives the numbers of the cases. */
export async function plantEverywhere(system: WholeSystem, s: Secrets): Promise<string[]> {
  const complaints = await complain(system, s);
  await refuse(system, s, complaints.whole);
  const referred = await investigate(system, s, complaints.whole);
  const incident = await explain(system, s);
  await importRows(system, s);
  await standIn(system, s);
  await callAsSystem(system, s, complaints.whole);
  await look(system, s, complaints.whole);
  return [complaints.whole, ...complaints.others, ...referred, incident];
}

const person = (s: Secrets, label: string, withNumber = true): Record<string, unknown> => ({
  name: s.name(`${label}.name`), ...(withNumber ? { staffId: s.digits(`${label}.staffId`, 'PX', 9) } : {}), organ: 'yz-water', post: s.words(`${label}.post`), postLevel: 'civil-servant',
});

const complainant = (s: Secrets, label: string): Record<string, unknown> => ({
  name: s.name(`${label}.name`), phone: s.digits(`${label}.phone`, '139', 11), idNumber: s.digits(`${label}.idNumber`, '11010119', 18), address: s.words(`${label}.address`), email: `${s.letters(`${label}.email`)}@example.org`,
});

/** A complaint with everything that may be said and done before its investigation; one withdrawn, one merged into another. */
async function complain(system: WholeSystem, s: Secrets): Promise<{ whole: string; others: string[] }> {
  await system.json('administrator', 'POST', '/v1/webhooks', { url: system.hook });
  const handler = await system.as('handler');
  const intake = (label: string): Record<string, unknown> => ({
    channel: 'web', subject: s.words(`${label}.subject`), facts: s.words(`${label}.facts`), complainant: complainant(s, `${label}.complainant`), accused: { organ: 'yz-water', person: person(s, `${label}.accused`) },
  });
  const first = intake('complaint');
  const key = s.digits('complaint.idempotency-key', '138', 11);
  const whole = await handler.startCase('complaint', first, key);
  expect(await handler.startCase('complaint', first, key)).toBe(whole);
  expect(await system.json('handler', 'POST', '/v1/cases/complaint', intake('complaint.other-body'), { 'Idempotency-Key': key })).toMatchObject({ status: 422 });

  await handler.act(whole, 'note', { text: s.words('note') }, s.digits('note.idempotency-key', '137', 11));
  await handler.act(whole, 'evidence', { title: s.words('evidence.title'), description: s.words('evidence.description') });
  const named = { 'content-type': 'application/octet-stream', 'x-filename': encodeURIComponent(`${s.name('upload.filename')}.txt`), 'x-title': encodeURIComponent(s.words('upload.title')) };
  expect(await system.send('handler', 'POST', `/v1/cases/${whole}/documents`, Buffer.from(`${s.words('upload.content')}。\n`), named)).toMatchObject({ status: 201 });
  expect(await system.send('handler', 'POST', `/v1/cases/${whole}/documents`, Buffer.concat([executable, Buffer.from(s.words('upload.refused-content'))]), { ...named, 'x-filename': encodeURIComponent(s.name('upload.refused-filename')) })).toMatchObject({ status: 415 });
  expect(await system.json('handler', 'POST', `/v1/cases/${whole}/letters/acceptance`, { procedure: s.words('letter.procedure'), clock: 'route' })).toMatchObject({ status: 201 });

  const withdrawn = await handler.startCase('complaint', intake('withdrawn'));
  await handler.act(withdrawn, 'withdraw', { reasons: s.words('withdraw.reasons') });
  const merged = await handler.startCase('complaint', intake('merged'));
  await handler.act(merged, 'merge', { into: whole, reasons: s.words('merge.reasons') });
  expect(await system.json('handler', 'POST', `/v1/cases/${withdrawn}/actions/note`, { text: s.words('note.after-close') })).toMatchObject({ status: 409 });
  return { whole, others: [withdrawn, merged] };
}

/** The complaint to its end, and the referrals of those found responsible. */
async function investigate(system: WholeSystem, s: Secrets, number: string): Promise<string[]> {
  await system.answer(number, 'route', 'route', { organ: 'yz-transport', procedure: s.words('route.procedure') }, 'handler');
  await system.answer(number, 'accept', 'object', { reasons: s.words('object.reasons') }, 'department.transport');
  await system.answer(number, 'jurisdiction', 'decide', { organ: 'yz-water', reasons: s.words('jurisdiction.reasons') }, 'leader');
  await system.answer(number, 'accept', 'accept', { remark: s.words('accept.remark') }, 'department');
  const department = await system.as('department');
  await system.until(async () => (await department.getCase(number)).openSteps.some((step) => step.step === 'investigate'), 'the investigation');
  await department.act(number, 'suspend', { ground: 'hearing', clock: 'handle', reasons: s.words('suspend.reasons') });
  await department.act(number, 'resume', { remark: s.words('resume.remark') });
  await department.act(number, 'extend', { by: { amount: 10, unit: 'calendar-day' }, reasons: s.words('extend.reasons') });
  await system.answer(number, 'extension.handle', 'approve', { remark: s.words('extension.remark') }, 'leader.water');
  await (await system.as('handler')).act(number, 'reassign', { step: 'investigate', user: 'department.water', reasons: s.words('reassign.reasons') });

  const responsible = person(s, 'responsible');
  await system.answer(number, 'investigate', 'report', {
    faultFound: true, facts: s.words('report.facts'),
    findings: [{ level: 'handling', person: responsible, responsible: true, fault: s.words('report.fault'), duty: s.words('report.duty'), cause: 'duty-not-performed' },
      { level: 'review', person: person(s, 'unnumbered', false), responsible: false, fault: s.words('report.other-fault') }],
    leadership: { examined: true, leader: person(s, 'examined-leader'), result: s.words('report.leadership') },
    measures: [{ name: s.name('measures.name'), measure: 'criticism' }],
  }, 'department.water');
  await system.answer(number, 'review', 'agree', { remark: s.words('review.remark') });
  await system.answer(number, 'approve', 'approve', { remark: s.words('approve.remark') }, 'leader.water');
  await system.answer(number, 'reply', 'send', { text: s.words('reply.text'), documentNumber: s.words('reply.documentNumber') }, 'department');
  await system.answer(number, 'rate', 'dissatisfied', { grounds: s.words('rate.grounds') }, 'handler');
  await system.answer(number, 'review-decision', 'uphold', { text: s.words('review-decision.text') });
  await system.answer(number, 'rate-review', 'content', { remark: s.words('rate-review.remark') }, 'handler');

  const auditor = await system.as('auditor');
  const referrals = (await auditor.getCase(number)).links.filter((link) => link.relation === 'started' && link.type === 'referral').map((link) => link.caseNumber);
  for (const referral of referrals) await decide(system, s, referral, responsible);
  const byHand = await (await system.as('referrer')).startCase('referral', {
    source: 'audit', referringOrgan: 'yz-audit', subject: s.words('referral.subject'), facts: s.words('referral.facts'), ownMeasures: s.words('referral.ownMeasures'),
    evidence: [{ title: s.words('referral.evidence'), description: s.words('referral.evidence.description') }], persons: [person(s, 'referral.person'), person(s, 'referral.unnumbered', false)], supervisoryOrgan: 'yz-supervision',
  });
  await system.answer(byHand, 'receive', 'return', { reasons: s.words('receive.reasons') }, 'supervisor');
  await system.answer(byHand, 'supplement', 'take-back', { reasons: s.words('take-back.reasons') }, 'referrer');
  return [...referrals, byHand];
}

async function decide(system: WholeSystem, s: Secrets, number: string, responsible: Record<string, unknown>): Promise<void> {
  await system.answer(number, 'receive', 'accept', { remark: s.words('receive.remark') }, 'supervisor');
  await system.answer(number, 'investigate', 'report', {
    facts: s.words('findings.facts'), findings: [{ level: 'handling', person: responsible, responsible: true, fault: s.words('findings.fault') }], leadership: { examined: false, result: s.words('findings.leadership') },
  }, 'supervisor');
  await system.answer(number, 'statement', 'heard', { statement: s.words('statement'), accepted: false, reasons: s.words('statement.reasons') }, 'supervisor');
  await system.answer(number, 'review', 'return', { reasons: s.words('review.return') }, 'reviewer');
  await system.answer(number, 'investigate', 'report', {
    facts: s.words('findings2.facts'), findings: [{ level: 'handling', person: responsible, responsible: true, fault: s.words('findings2.fault') }], leadership: { examined: false, result: s.words('findings2.leadership') },
  }, 'supervisor');
  await system.answer(number, 'statement', 'waived', { remark: s.words('waived.remark') }, 'supervisor');
  await system.answer(number, 'review', 'agree', {}, 'reviewer');
  await system.answer(number, 'decide', 'decide', {
    decisions: [{ name: responsible['name'], staffId: responsible['staffId'], measure: 'demotion', level: 'handling', direct: true, reasons: s.words('decision.reasons') }], effectiveOn: today, publish: 'government', documentNumber: s.words('decision.documentNumber'),
  }, 'approver');
  await system.answer(number, 'serve', 'served', { on: today, method: 'in-person', remark: s.words('serve.remark') }, 'supervisor');
  await system.answer(number, 'feedback', 'send', { text: s.words('feedback.text'), documentNumber: s.words('feedback.documentNumber') }, 'supervisor');
  await system.answer(number, 'personnel-change', 'done', { on: today, change: s.words('personnel-change') }, 'personnel');
}

async function explain(system: WholeSystem, s: Secrets): Promise<string> {
  const number = await (await system.as('handler')).startCase('incident-review', { category: 'work-safety', subject: s.words('incident.subject'), facts: s.words('incident.facts'), occurredOn: today, organs: ['yz-water'] });
  const explanation = (label: string): Record<string, unknown> => ({
    managementSystem: { missing: true, statement: s.words(`${label}.system`) }, measures: { appropriate: false, statement: s.words(`${label}.measures`) }, responsibility: { sound: true, statement: s.words(`${label}.responsibility`) },
  });
  await system.answer(number, 'explain.yz-water', 'explain', explanation('explanation'), 'department');
  await system.answer(number, 'examine.yz-water', 'return', { reasons: s.words('examine.reasons') }, 'leader');
  await system.answer(number, 'explain.yz-water', 'explain', explanation('explanation2'), 'department');
  return number;
}

/** Why somebody is away may be an illness. */
async function standIn(system: WholeSystem, s: Secrets): Promise<void> {
  const wish = (label: string): Record<string, unknown> => ({ principal: 'leader.transport', deputy: 'department.transport', from: today, until: '2099-12-31', reason: s.words(label) });
  const made = await system.json('leader.transport', 'POST', '/v1/delegations', wish('delegation.reason'));
  expect(made).toMatchObject({ status: 201 });
  expect(await system.json('leader.transport', 'POST', '/v1/delegations', wish('delegation.overlapping-reason'))).toMatchObject({ status: 409 });
  expect((await system.send('leader.transport', 'GET', '/v1/delegations')).body).toMatchObject({ items: [{ reason: expect.stringContaining(s.texts['delegation.reason'] ?? '') as string }] });
  expect((await system.send('department.transport', 'GET', '/v1/me')).body).toMatchObject({ delegations: [{ id: made.body['id'] }] });
  expect(await system.send('leader.transport', 'POST', `/v1/delegations/${String(made.body['id'])}/end`)).toMatchObject({ status: 200 });
}

/** Another system with a key, until that is revoked. */
async function callAsSystem(system: WholeSystem, s: Secrets, number: string): Promise<void> {
  const made = await system.json('administrator', 'POST', '/v1/api-keys', { name: '12345 热线', organ: 'yz-complaints', roles: ['handler'], scopes: ['case.read'] });
  const [, id = '', secret = ''] = /^wz_([0-9a-f]{12})_([\w-]{43})$/.exec(String(made.body['key'])) ?? [];
  const client = new WenzeClient({ baseUrl: (await system.as('handler')).baseUrl, apiKey: `wz_${id}_${s.given('api-key', secret)}` });
  expect((await client.getCase(number)).caseNumber).toBe(number);
  expect(await system.send('administrator', 'DELETE', `/v1/api-keys/${id}`)).toMatchObject({ status: 200 });
  await expect(client.getCase(number)).rejects.toMatchObject({ status: 401 });
}

/** A table with good rows and with one that is not. */
async function importRows(system: WholeSystem, s: Secrets): Promise<void> {
  const row = (label: string, organ: string): string => `web,${s.words(`${label}.subject`)},${s.words(`${label}.facts`)},${s.name(`${label}.name`)},${organ}`;
  const csv = ['渠道,事由,内容,投诉人,单位', row('import.good', 'yz-water'), row('import.bad', s.name('import.bad.organ')), `${s.name('import.bad.channel')},x,y,z,yz-water`].join('\n');
  const checked = await system.send('handler', 'POST', `/v1/imports?type=complaint&mapping=${encodeURIComponent('{"单位":"accused.organ"}')}`, Buffer.from(csv), { 'content-type': 'text/csv' });
  expect(checked).toMatchObject({ status: 201, body: { rows: 3, valid: 1, invalid: 2 } });
  const id = String(checked.body['id']);
  expect(await system.send('handler', 'POST', `/v1/imports/${id}/start`)).toMatchObject({ status: 202 });
  await system.until(async () => (await system.send('handler', 'GET', `/v1/imports/${id}`)).body['state'] === 'done', 'the import');
  await system.send('handler', 'GET', `/v1/imports/${id}/report`);
  expect(await system.send('handler', 'POST', '/v1/imports?type=complaint', Buffer.from(`${s.name('import.column')}\nx\n`), { 'content-type': 'text/csv' })).toMatchObject({ status: 400 });
}

/** What is refused is not kept either. */
async function refuse(system: WholeSystem, s: Secrets, number: string): Promise<void> {
  const bad = { channel: s.words('bad.channel'), subject: '', facts: s.words('bad.facts'), complainant: complainant(s, 'bad.complainant'), accused: { organ: s.words('bad.organ') }, [s.words('bad.field')]: 1 };
  expect(await system.json('handler', 'POST', '/v1/cases/complaint', bad)).toMatchObject({ status: 400 });
  expect(await system.send('handler', 'POST', '/v1/cases/complaint', `{"facts":"${s.words('malformed')}",}`)).toMatchObject({ status: 400 });
  expect([400, 409]).toContain((await system.json('handler', 'POST', `/v1/cases/${number}/steps/route`, { answer: s.words('wrong.answer'), procedure: s.words('wrong.procedure') })).status);
  expect(await system.json('handler', 'POST', `/v1/cases/${number}/steps/route`, { answer: 'route', organ: s.words('wrong.organ'), procedure: s.words('wrong.procedure2') })).toMatchObject({ status: 400 });
  expect(await system.json('handler', 'POST', `/v1/cases/${number}/actions/suspend`, { ground: s.words('suspend.ground'), reasons: s.words('suspend.refused') })).toMatchObject({ status: 409 });
  expect([400, 404, 409]).toContain((await system.json('handler', 'POST', `/v1/cases/${number}/actions/reassign`, { step: s.words('reassign.step'), user: s.name('reassign.user'), reasons: s.words('reassign.refused') })).status);
  expect(await system.json(null, 'POST', '/v1/sessions', { username: s.name('login.name'), password: s.words('login.password') })).toMatchObject({ status: 401 });
  expect(await system.json(null, 'POST', '/v1/codec/session', { username: s.name('codec.name'), password: s.words('codec.password') })).toMatchObject({ status: 401 });
  expect(await system.send('handler', 'GET', '/v1/me', undefined, { Authorization: `Bearer ${s.letters('bearer')}` })).toMatchObject({ status: 401 });
}

/** Searches and exports, which hold what they show, and are asked with names. */
async function look(system: WholeSystem, s: Secrets, number: string): Promise<void> {
  const subject = s.texts['complaint.subject'] ?? '';
  expect(await system.send('handler', 'GET', `/v1/cases?q=${encodeURIComponent(s.words('search'))}`)).toMatchObject({ status: 200 });
  expect((await system.send('handler', 'GET', `/v1/cases?q=${encodeURIComponent(subject)}`)).body).toMatchObject({ items: [{ caseNumber: number }] });
  for (const address of [`/v1/cases/${number}?unmask=true`, `/v1/cases/${number}/events?unmask=true`, `/v1/exports/cases?format=xlsx`, `/v1/cases/${number}/export?redacted=false`, '/v1/inbox', '/v1/notices', '/v1/stats']) {
    expect([address, (await system.send('handler', 'GET', address)).status]).toEqual([address, 200]);
  }
}
