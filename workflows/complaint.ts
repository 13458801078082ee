import type { CaseResult, CaseStart } from '../domain/messages';
import { civilDate, civilDateAt } from '../domain/civil-date';
import { complaintCase, type ComplaintFindings, type ComplaintIntake } from '../domain/cases/complaint';
import type { Json } from '../domain/json';
import { conductCase, type CaseFile } from './kit';

type File = CaseFile<typeof complaintCase>;

/** 行政过错投诉: from the organ first asked to an answer for everyone (S1 三(二), S3 二(七)5, S4; 信访工作条例 22–24, 34–36). */
export async function complaint(start: CaseStart<ComplaintIntake>): Promise<CaseResult> {
  return conductCase(complaintCase, start, async (file) => {
    // From the intake, not from the view: a procedure that runs again must find the organ first asked, whoever is in charge by then.
    const received = file.intake.receivingOrgan ?? file.view.startedBy.organ ?? file.view.leadOrgan;
    file.putInCharge(received);
    // 信访工作条例 22: 自收到之日起15日内登记、转送并告知
    file.startClock('route', { organ: received, trigger: 'receipt' });
    const concludedBefore = await concludedOnTheSameFacts(file);
    if (concludedBefore !== undefined) {
      // 信访工作条例 36: 仍然以同一事实和理由提出的不再受理
      return notAccepted(file, { reasons: `同一事实和理由已经复核终结 concluded after re-review: ${concludedBefore}` });
    }

    const followed = await followedBy(file);
    followed('registered');
    const routing = await file.step('route', { organ: received });
    if (routing.answer !== 'route') return notAccepted(file, routing.fields);
    const organ = await acceptance(file, routing.fields.organ);
    file.notify('complainant', 'acceptance', { organ, acceptedOn: civilDateAt(file.now) }, { procedure: routing.fields.procedure });
    file.stopClock('route');

    // 信访工作条例 34: 自受理之日起60日内办结
    file.startClock('handle', { organ, trigger: 'acceptance' });
    const report = await investigation(file, organ);
    const reply = await file.step('reply', { organ });
    if (reply.answer !== 'send') throw new Error('the reply has no lapse');
    file.notify('complainant', 'reply', {}, reply.fields);
    file.stopClock('handle');
    followed('replied');

    await consequences(file, organ, report);
    const conclusion = await ratingAndReview(file, organ);
    followed('concluded');
    const outcome = conclusion ?? (report.faultFound ? 'replied-fault-found' : 'replied-no-fault');
    return file.close(outcome, { reply: reply.fields, faultFound: report.faultFound });
  });
}

/** 典型的、影响大的: the supervisory organ follows it to the end (S4 二(二)3). Gives the way to tell it. */
async function followedBy(file: File): Promise<(what: 'registered' | 'replied' | 'concluded') => void> {
  if (!file.intake.typical) return () => undefined;
  const accused = file.intake.accused.organ;
  const organ = (await file.organs(accused))[accused]?.supervisory ?? accused;
  return (what) => file.notify({ roles: ['supervisor'], organ }, `typical-${what}`);
}

/** Facts that went through re-review are not accepted again (信访工作条例 36). Gives the earlier case's number. */
async function concludedOnTheSameFacts(file: File): Promise<string | undefined> {
  if (file.intake.sameMatterAs === undefined) return undefined;
  const prior = await file.priorCase(file.intake.sameMatterAs);
  if (prior === null) return undefined;
  file.link({ caseNumber: prior.caseNumber, type: prior.type, relation: 'prior' });
  return prior.outcome === 'concluded-after-re-review' ? prior.caseNumber : undefined;
}

async function notAccepted(file: File, why: Json): Promise<CaseResult> {
  file.notify('complainant', 'not-accepted', {}, why);
  file.stopClock('route');
  return file.close('not-accepted', why);
}

/** 分级负责、归口管理: an organ that got it wrongly objects within 5 working days; the common superior decides (信访工作条例 23, 24). */
async function acceptance(file: File, routedTo: string): Promise<string> {
  let organ = routedTo;
  for (;;) {
    const acceptance = await file.step('accept', { organ });
    if (acceptance.answer !== 'object') {
      file.putInCharge(organ);
      return organ;
    }
    const relations = await file.organs(organ, file.view.startedBy.organ ?? organ);
    const router = relations[file.view.startedBy.organ ?? organ];
    // 信访工作条例 24: 由其共同的上一级机关、单位指定
    const superior = relations[organ]?.superiors.find((each) => router?.superiors.includes(each)) ?? relations[organ]?.superiors[0] ?? organ;
    const decision = await file.step('jurisdiction', { organ: superior, context: { objection: acceptance.fields.reasons, from: organ } });
    if (decision.answer !== 'decide') throw new Error('the decision on jurisdiction has no lapse');
    const upheld = decision.fields.organ === organ;
    organ = decision.fields.organ;
    if (upheld) {
      // The superior has decided between the organs: there is nothing left to object to.
      file.putInCharge(organ);
      return organ;
    }
  }
}

/** Handling, review, approval: a return goes back to the investigation, and the clock runs on. */
async function investigation(file: File, organ: string): Promise<ComplaintFindings> {
  let returned: Json | undefined;
  for (;;) {
    const report = await file.step('investigate', { organ, ...(returned === undefined ? {} : { context: { returned } }) });
    if (report.answer !== 'report') throw new Error('the investigation has no lapse');
    // 回避 holds from the moment a report names somebody: who is named neither reviews nor approves it.
    file.addPersons(report.fields.findings.map((finding) => finding.person));
    const review = await file.step('review', { organ: (await file.organs(organ))[organ]?.supervisory ?? organ, context: report.fields });
    if (review.answer === 'return') { returned = review.fields.reasons; continue; }
    const approval = await file.step('approve', { organ, context: report.fields });
    if (approval.answer === 'return') { returned = approval.fields.reasons; continue; }
    file.recordFindings(report.fields.findings, report.fields.leadership);
    return report.fields;
  }
}

/** The finding decides what follows (S3 二(七)5); every fault is filed for record and counted (S0 (五), S2 二(三)). */
async function consequences(file: File, organ: string, report: ComplaintFindings): Promise<void> {
  if (!report.faultFound) return;
  const relations = (await file.organs(organ))[organ];
  const supervisory = relations?.supervisory ?? organ;
  const responsible = report.findings.filter((finding) => finding.responsible);
  const causes = new Set(responsible.map((finding) => finding.cause));

  await file.call('fileForRecord', 'fault', { content: { organ, causes: [...causes].map(String), findings: report.findings as unknown as Json } }, `行政过错备案 filing of the fault: ${organ}`);
  file.notify({ roles: ['supervisor'], organ: supervisory }, 'fault-filed', { organ });

  if (causes.has('rule-or-process')) {
    await file.startCase('rectification', 'rule-or-process', {
      ground: 'complaint', orderingOrgan: supervisory, organ, subject: `完善制度和流程 (${file.caseNumber})`, order: report.facts,
    });
  }
  if (causes.has('unclear-duties')) {
    await file.startCase('dispute', 'unclear-duties', {
      ground: 'legal-basis', parties: [...new Set([organ, file.intake.accused.organ])], coordinatingOrgan: relations?.government ?? supervisory,
      subject: `理顺职责 (${file.caseNumber})`, facts: report.facts,
    });
  }
  if (causes.has('shirking')) file.criticise(organ, `推诿扯皮、敷衍塞责 shirking (${file.caseNumber})`, 'shirking');
  for (const [index, measure] of report.measures.entries()) {
    file.enter('measure', { by: file.view.startedBy, step: `approve`, facts: { measure: measure.measure }, detail: { ...measure } });
    if (measure.staffId !== undefined) {
      await file.call('copyToPersonnel', `measure-${index}`, { staffId: measure.staffId, content: { measure: measure.measure } }, '抄送人事部门 copy to personnel');
    }
  }
  for (const [index, finding] of responsible.entries()) {
    if (finding.cause !== 'duty-not-performed') continue;
    await file.startCase('referral', `person-${index}`, {
      source: 'complaint', referringOrgan: organ, supervisoryOrgan: supervisory, subject: file.intake.subject, facts: finding.fault,
      ownMeasures: '已调查并答复投诉人 investigated and answered', evidence: [{ title: `${file.caseNumber} 调查报告 findings` }],
      persons: [finding.person],
    });
  }
}

/** The complainant rates; not content, review 复查 and re-review 复核 follow, 30 days to ask and 30 to decide each (信访工作条例 35, 36). */
async function ratingAndReview(file: File, organ: string): Promise<'concluded-after-review' | 'concluded-after-re-review' | undefined> {
  const rating = await file.step('rate', { organ: file.view.startedBy.organ ?? organ });
  if (rating.answer !== 'dissatisfied') return undefined;
  const superiors = (await file.organs(organ))[organ]?.superiors ?? [];
  const review = await file.step('review-decision', { organ: superiors[0] ?? organ, context: rating.fields });
  file.notify('complainant', 'review', { result: review.answer }, review.fields);

  const second = await file.step('rate-review', { organ: file.view.startedBy.organ ?? organ });
  if (second.answer !== 'request-re-review') return 'concluded-after-review';
  for (;;) {
    const final = await file.step('re-review', { organ: superiors[1] ?? superiors[0] ?? organ, context: second.fields });
    if (final.answer === 'hearing') {
      // 信访工作条例 36: 听证所需时间不计算在内
      file.exclude('re-review', civilDate(final.fields.from), civilDate(final.fields.to), 'hearing', final.by);
      continue;
    }
    file.notify('complainant', 're-review', { result: final.answer }, final.fields);
    return 'concluded-after-re-review';
  }
}
