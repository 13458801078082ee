import { incidentReviewCase, type IncidentFindings, type IncidentIntake } from '../domain/cases/incident-review';
import type { Json } from '../domain/json';
import type { CaseResult, CaseStart } from '../domain/messages';
import { conductCase, type CaseFile } from './kit';

type File = CaseFile<typeof incidentReviewCase>;

/** 重大事故(事件)责任检讨: the organs explain within one month, responsibility is traced, the result is announced within three (S0 (五), S2 四(一)). */
export async function incidentReview(start: CaseStart<IncidentIntake>): Promise<CaseResult> {
  return conductCase(incidentReviewCase, start, async (file) => {
    const { organs } = file.intake;
    const relations = await file.organs(...organs);
    const common = relations[organs[0] ?? '']?.superiors.find((superior) => organs.every((organ) => relations[organ]?.superiors.includes(superior) === true));
    const superiorOf = (organ: string): string => file.intake.superior ?? common ?? relations[organ]?.superiors[0] ?? organ;
    const lead = organs[0] ?? file.view.leadOrgan;
    const supervisory = relations[lead]?.supervisory ?? lead;
    const government = relations[lead]?.government ?? superiorOf(lead);

    await Promise.all(organs.map((organ) => explanation(file, organ, superiorOf(organ))));
    const report = await tracing(file, supervisory, superiorOf(lead));

    // S2 四(一): 完成调查处理工作后,相关责任部门必须在3个月内在政府系统内部通报
    await handling(file, report, supervisory, organs);
    for (const organ of organs) file.startClock('notify', { organ, key: organ, trigger: 'handling-complete' });
    await Promise.all([
      ...(report.touchesHead ? [file.step('government-announce', { organ: government })] : []),
      ...organs.map(async (organ) => {
        const notification = await file.step('notify', { organ, key: organ, clock: `notify.${organ}` });
        file.stopClock(`notify.${organ}`);
        await file.call('publish', `notify-${organ}`, { scope: 'government', content: notification.fields }, `政府系统内部通报 notification: ${organ}`);
        file.enter('announcement', { by: notification.by, step: `notify.${organ}`, facts: { organ, scope: 'government' }, detail: notification.fields });
      }),
    ]);
    await file.call('fileForRecord', 'incident', { content: { category: file.intake.category, findings: report.findings as unknown as Json } }, '责任检讨备案 filing of the review');
    return file.close('notified', { dereliction: report.dereliction, responsible: report.findings.filter((finding) => finding.responsible).length });
  });
}

/** One organ explains all three questions; its superior accepts, or returns with reasons. A return does not stop the clock. */
async function explanation(file: File, organ: string, superior: string): Promise<void> {
  let returned: Json | undefined;
  for (;;) {
    const explained = await file.step('explain', { organ, key: organ, since: file.intake.occurredOn, ...(returned === undefined ? {} : { context: { returned } }) });
    const examined = await file.step('examine', { organ: superior, key: organ, context: explained.fields });
    if (examined.answer !== 'return') return;
    returned = examined.fields.reasons;
  }
}

/** 责任倒查、层层追究: one finding per level, approved by the superior. */
async function tracing(file: File, supervisory: string, superior: string): Promise<IncidentFindings> {
  let returned: Json | undefined;
  for (;;) {
    const report = await file.step('investigate', { organ: supervisory, ...(returned === undefined ? {} : { context: { returned } }) });
    if (report.answer !== 'report') throw new Error('the investigation has no lapse');
    file.addPersons(report.fields.findings.map((finding) => finding.person));
    const approval = await file.step('approve', { organ: superior, context: report.fields });
    if (approval.answer === 'return') { returned = approval.fields.reasons; continue; }
    file.recordFindings(report.fields.findings, report.fields.leadership);
    return report.fields;
  }
}

/** Each person found responsible becomes a referral; dereliction is apologised for in public (S0 (五)). */
async function handling(file: File, report: IncidentFindings, supervisory: string, organs: readonly string[]): Promise<void> {
  for (const [index, finding] of report.findings.entries()) {
    if (!finding.responsible) continue;
    await file.startCase('referral', `person-${index}`, {
      source: 'incident-review', referringOrgan: file.view.leadOrgan, supervisoryOrgan: supervisory, subject: file.intake.subject, facts: finding.fault,
      ownMeasures: '已作责任检讨 self-review concluded', evidence: [{ title: `${file.caseNumber} 调查结论 findings` }],
      persons: [finding.person],
    });
  }
  if (!report.dereliction) return;
  await Promise.all(organs.map(async (organ) => {
    const apology = await file.step('apologise', { organ, key: organ });
    file.enter('announcement', { by: apology.by, step: `apologise.${organ}`, facts: { organ, scope: 'public' }, detail: apology.fields });
    await file.call('publish', `apology-${organ}`, { scope: 'public', content: apology.fields }, `公开道歉 public apology: ${organ}`);
  }));
}
