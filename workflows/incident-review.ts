import { incidentReviewCase, type IncidentFindings, type IncidentIntake } from '../domain/cases/incident-review';
import { eachResponsible, organsAtFault } from '../domain/cases/responsible';
import type { Json } from '../domain/json';
import type { CaseResult, CaseStart } from '../domain/messages';
import { conductCase, returned, untilAccepted, whoDecides, whoSupervises, type CaseFile } from './kit';

type File = CaseFile<typeof incidentReviewCase>;

/** 重大事故(事件)责任检讨: the organs explain within one month, responsibility is traced, the result is announced within three (S0 (五), S2 四(一)). */
export async function incidentReview(start: CaseStart<IncidentIntake>): Promise<CaseResult> {
  return conductCase(incidentReviewCase, start, async (file) => {
    const { organs } = file.intake;
    const over = await organsOver(file);
    await Promise.all(organs.map((organ) => explanation(file, organ, over.superiorOf(organ))));
    const report = await tracing(file, over);
    await handling(file, report, over.supervisory);

    // S2 四(一): 完成调查处理工作后,相关责任部门必须在3个月内在政府系统内部通报
    for (const organ of organs) file.startClock('notify', { organ, key: organ, trigger: 'handling-complete' });
    await Promise.all([
      ...(report.touchesHead ? [governmentAnnouncement(file, over.government)] : []),
      ...organs.map((organ) => notification(file, organ)),
    ]);
    await file.call('fileForRecord', 'incident', { content: { category: file.intake.category, findings: report.findings as unknown as Json } }, '责任检讨备案 filing of the review');
    return file.close('notified', { dereliction: report.dereliction, responsible: eachResponsible(report.findings).length });
  });
}

/** Who stands over the organs of an incident. */
interface OrgansOver {
  /** 上级机关 to which an organ explains: its own, unless the intake names one for all. */
  readonly superiorOf: (organ: string) => string;
  /** The superior they have in common, who approves what is found. */
  readonly common: string;
  readonly supervisory: string;
  readonly government: string;
}

async function organsOver(file: File): Promise<OrgansOver> {
  const { organs, superior } = file.intake;
  const relations = await file.organs(...organs);
  const all = organs.flatMap((organ) => relations[organ] ?? []);
  const [lead] = all;
  if (lead === undefined) throw new Error('an incident has an organ with management responsibility');
  const superiorOf = (organ: string): string => superior ?? relations[organ]?.superiors[0] ?? organ;
  const common = superior ?? lead.superiors.find((each) => all.every((organ) => organ.superiors.includes(each))) ?? superiorOf(lead.id);
  const sameFor = (pick: 'supervisory' | 'government'): boolean => all.every((organ) => organ[pick] === lead[pick]);
  // Organs of several governments are traced, and announced for, by those of the superior they have in common.
  const above = sameFor('supervisory') && sameFor('government') ? lead : (await file.organs(common))[common] ?? lead;
  return { superiorOf, common, supervisory: above.supervisory, government: above.government };
}

/** One organ explains all three questions; its superior accepts, or returns with reasons. A return does not stop the clock. */
async function explanation(file: File, organ: string, superior: string): Promise<void> {
  await untilAccepted(async (why) => {
    const explained = await file.step('explain', { organ, key: organ, since: file.intake.occurredOn, ...why });
    const examined = await file.step('examine', { organ: superior, key: organ, context: explained.fields });
    return examined.answer === 'return' ? returned(examined.fields.reasons) : examined;
  });
}

/** 责任倒查、层层追究: traced level by level, approved by the superior, neither under a head the findings name (回避). */
async function tracing(file: File, { supervisory, common }: OrgansOver): Promise<IncidentFindings> {
  return untilAccepted(async (why) => {
    const report = await file.step('investigate', { organ: await whoSupervises(file, supervisory), ...why });
    if (report.answer !== 'report') throw new Error('the investigation has no lapse');
    file.addPersons(report.fields.findings.map((finding) => finding.person));
    const approval = await file.step('approve', { organ: await whoDecides(file, common), context: report.fields });
    if (approval.answer === 'return') return returned(approval.fields.reasons);
    file.recordFindings(report.fields.findings, report.fields.leadership);
    return report.fields;
  });
}

/** Each person found responsible becomes a referral; dereliction is apologised for in public (S0 (五)). */
async function handling(file: File, report: IncidentFindings, supervisory: string): Promise<void> {
  for (const [index, { person, faults }] of eachResponsible(report.findings).entries()) {
    await file.startCase('referral', `person-${index}`, {
      source: 'incident-review', referringOrgan: file.view.leadOrgan, supervisoryOrgan: supervisory, subject: file.intake.subject, facts: faults,
      ownMeasures: '已作责任检讨 self-review concluded', evidence: [{ title: `${file.caseNumber} 调查结论 findings` }],
      persons: [person],
    });
  }
  if (report.dereliction) await Promise.all(derelict(file.intake.organs, report).map((organ) => apology(file, organ)));
}

/** The organs whose people failed in their duty; all of them where the findings lead to none. */
function derelict(organs: readonly string[], report: IncidentFindings): readonly string[] {
  const atFault = organsAtFault(report.findings);
  const own = organs.filter((organ) => atFault.includes(organ));
  return own.length > 0 ? own : organs;
}

async function apology(file: File, organ: string): Promise<void> {
  const apologised = await file.step('apologise', { organ, key: organ });
  file.enter('announcement', { by: apologised.by, step: `apologise.${organ}`, facts: { organ, scope: 'public' }, detail: apologised.fields });
  await file.call('publish', `apology-${organ}`, { scope: 'public', content: apologised.fields }, `公开道歉 public apology: ${organ}`);
}

/** 行政处理涉及政府部门行政首长的,由政府通报调查处理情况 (S2 四(一)). */
async function governmentAnnouncement(file: File, government: string): Promise<void> {
  const organ = await whoDecides(file, government);
  const announced = await file.step('government-announce', { organ });
  file.enter('announcement', { by: announced.by, step: 'government-announce', facts: { organ, scope: 'government' }, detail: announced.fields });
  await file.call('publish', 'government-announce', { scope: 'government', content: announced.fields }, `政府通报 announcement by the government: ${organ}`);
}

async function notification(file: File, organ: string): Promise<void> {
  const notified = await file.step('notify', { organ, key: organ, clock: `notify.${organ}` });
  file.stopClock(`notify.${organ}`);
  file.enter('announcement', { by: notified.by, step: `notify.${organ}`, facts: { organ, scope: 'government' }, detail: notified.fields });
  await file.call('publish', `notify-${organ}`, { scope: 'government', content: notified.fields }, `政府系统内部通报 notification: ${organ}`);
}
