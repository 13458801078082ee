import type { CaseResult, CaseStart } from '../domain/messages';
import { civilDate, civilDateAt } from '../domain/civil-date';
import { complaintCase, type ComplaintFindings, type ComplaintIntake } from '../domain/cases/complaint';
import type { Json } from '../domain/json';
import { eachResponsible, organsAtFault } from '../domain/cases/responsible';
import { conductCase, nearestImpartial, returned, untilAccepted, whoDecides, whoSupervises, type CaseFile } from './kit';

type File = CaseFile<typeof complaintCase>;

/** 行政过错投诉: from the organ first asked to an answer for everyone (S1 三(二), S3 二(七)5, S4; 信访工作条例 22–24, 34–36). */
export async function complaint(start: CaseStart<ComplaintIntake>): Promise<CaseResult> {
  return conductCase(complaintCase, start, async (file) => {
    const received = await receivingOrgan(file);
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
    // 信访工作条例 22: 书面告知信访人接收情况以及处理途径、程序
    file.notify('complainant', 'routed', { receivedBy: received, receivedOn: civilDateAt(file.view.openedAt), organ: routing.fields.organ }, { procedure: routing.fields.procedure });
    file.stopClock('route');
    const { organ, objectors } = await acceptance(file, received, routing.fields.organ);
    file.notify('complainant', 'acceptance', { organ, acceptedOn: civilDateAt(file.now) }, { procedure: routing.fields.procedure });

    // 信访工作条例 34: 自受理之日起60日内办结
    file.startClock('handle', { organ, trigger: 'acceptance' });
    const report = await investigation(file, organ);
    const reply = await file.step('reply', { organ });
    if (reply.answer !== 'send') throw new Error('the reply has no lapse');
    file.notify('complainant', 'reply', {}, reply.fields);
    file.stopClock('handle');
    followed('replied');

    await consequences(file, { organ, objectors, report });
    const conclusion = await ratingAndReview(file, organ);
    followed('concluded');
    const outcome = conclusion ?? (report.faultFound ? 'replied-fault-found' : 'replied-no-fault');
    return file.close(outcome, { reply: reply.fields, faultFound: report.faultFound });
  });
}

/**
 * 首问责任: who is asked first registers and routes (S1 三(二)), but not a complaint about itself: that its supervisory organ routes.
 * From the intake, not from the view: a procedure that runs again must find the organ first asked, whoever is in charge by then.
 */
async function receivingOrgan(file: File): Promise<string> {
  const asked = file.intake.receivingOrgan ?? file.view.startedBy.organ ?? file.view.leadOrgan;
  if (asked !== file.intake.accused.organ) return asked;
  return (await file.organs(asked))[asked]?.supervisory ?? asked;
}

/** 典型的、影响大的: the supervisory organ follows it to the end (S4 二(二)3). Gives the way to tell it. */
async function followedBy(file: File): Promise<(what: 'registered' | 'replied' | 'concluded') => void> {
  if (!file.intake.typical) return () => undefined;
  const accused = file.intake.accused.organ;
  const organ = (await file.organs(accused))[accused]?.supervisory ?? accused;
  return (what) => file.notify({ roles: ['supervisor'], organ }, `typical-${what}`);
}

/**
 * Facts that went through re-review are not accepted again (信访工作条例 36), however often they come back: the case named may itself have
 * been refused for that, or joined to one that was re-reviewed. Gives the number of the case that concluded them.
 */
async function concludedOnTheSameFacts(file: File): Promise<string | undefined> {
  const seen = new Set<string>();
  for (let named = file.intake.sameMatterAs; named !== undefined && !seen.has(named);) {
    seen.add(named);
    const earlier = await file.priorCase(named);
    if (earlier === null) return undefined;
    if (seen.size === 1) file.link({ caseNumber: earlier.caseNumber, type: earlier.type, relation: 'prior' });
    if (earlier.outcome === 'concluded-after-re-review') return earlier.caseNumber;
    named = earlier.leading ?? earlier.prior ?? undefined;
  }
  return undefined;
}

async function notAccepted(file: File, why: Json): Promise<CaseResult> {
  file.notify('complainant', 'not-accepted', {}, why);
  file.stopClock('route');
  return file.close('not-accepted', why);
}

/**
 * 分级负责、归口管理: an organ that got it wrongly objects within 5 working days; the common superior of the organ that routed and the one
 * that objects decides (信访工作条例 23, 24). Gives the organ that accepts, and those that said it was not theirs.
 */
async function acceptance(file: File, router: string, routedTo: string): Promise<{ readonly organ: string; readonly objectors: readonly string[] }> {
  const objectors: string[] = [];
  for (let organ = routedTo; ;) {
    const acceptance = await file.step('accept', { organ });
    if (acceptance.answer === 'object') {
      const relations = await file.organs(organ, router);
      // 信访工作条例 24: 由其共同的上一级机关、单位指定
      const common = relations[organ]?.superiors.find((each) => relations[router]?.superiors.includes(each)) ?? relations[organ]?.superiors[0] ?? organ;
      const decision = await file.step('jurisdiction', { organ: await whoDecides(file, common), context: { objection: acceptance.fields.reasons, from: organ } });
      if (decision.answer !== 'decide') throw new Error('the decision on jurisdiction has no lapse');
      const named = decision.fields.organ;
      // Named in spite of its objection, an organ has nothing left to object to: the superior has decided.
      const final = named === organ || objectors.includes(named);
      objectors.push(organ);
      organ = named;
      if (!final) continue;
    }
    file.putInCharge(organ);
    return { organ, objectors: objectors.filter((each) => each !== organ) };
  }
}

/** Handling, review, approval: a return goes back to the investigation, and the clock runs on. */
async function investigation(file: File, organ: string): Promise<ComplaintFindings> {
  return untilAccepted(async (why) => {
    const report = await file.step('investigate', { organ, ...why });
    if (report.answer !== 'report') throw new Error('the investigation has no lapse');
    // 回避 holds from the moment a report names somebody: who is named neither reviews nor approves it.
    file.addPersons(report.fields.findings.map((finding) => finding.person));
    const supervisory = (await file.organs(organ))[organ]?.supervisory ?? organ;
    const review = await file.step('review', { organ: await whoSupervises(file, supervisory), context: report.fields });
    if (review.answer === 'return') return returned(review.fields.reasons);
    const approval = await file.step('approve', { organ: await whoDecides(file, organ), context: report.fields });
    if (approval.answer === 'return') return returned(approval.fields.reasons);
    file.recordFindings(report.fields.findings, report.fields.leadership);
    return report.fields;
  });
}

/** What the consequences of a complaint follow from. */
interface Concluded {
  /** Who handled it. */
  readonly organ: string;
  /** Who said it was not theirs. */
  readonly objectors: readonly string[];
  readonly report: ComplaintFindings;
}

/**
 * The finding decides what follows (S3 二(七)5), for the organs at fault, which need not be the one that found it;
 * every fault is filed for record and counted (S0 (五), S2 二(三)).
 */
async function consequences(file: File, { organ, objectors, report }: Concluded): Promise<void> {
  if (!report.faultFound) return;
  const { findings } = report;
  const relations = await file.organs(...new Set([organ, ...organsAtFault(findings)]));
  const supervisoryOf = (each: string): string => relations[each]?.supervisory ?? each;
  const causes = new Set(findings.filter((finding) => finding.responsible).map((finding) => finding.cause));

  await file.call('fileForRecord', 'fault', { content: { organ, causes: [...causes].map(String), findings: findings as unknown as Json } }, `行政过错备案 filing of the fault: ${organ}`);
  file.notify({ roles: ['supervisor'], organ: supervisoryOf(organ) }, 'fault-filed', { organ });

  for (const faulty of organsAtFault(findings, 'rule-or-process')) {
    await file.startCase('rectification', `rule-or-process-${faulty}`, {
      ground: 'complaint', orderingOrgan: supervisoryOf(faulty), organ: faulty, subject: `完善制度和流程 (${file.caseNumber})`, order: report.facts,
    });
  }
  if (causes.has('unclear-duties')) {
    const parties = [...new Set([...organsAtFault(findings, 'unclear-duties'), file.intake.accused.organ, ...objectors])];
    await file.startCase('dispute', 'unclear-duties', {
      ground: 'legal-basis', parties, coordinatingOrgan: relations[organ]?.government ?? supervisoryOf(organ), subject: `理顺职责 (${file.caseNumber})`, facts: report.facts,
    });
  }
  for (const faulty of organsAtFault(findings, 'shirking')) file.criticise(faulty, `推诿扯皮、敷衍塞责 shirking (${file.caseNumber})`, `shirking-${faulty}`);
  for (const [index, measure] of report.measures.entries()) {
    file.enter('measure', { by: file.view.startedBy, step: 'approve', facts: { measure: measure.measure }, detail: { ...measure } });
    if (measure.staffId !== undefined) {
      await file.call('copyToPersonnel', `measure-${index}`, { staffId: measure.staffId, content: { measure: measure.measure } }, '抄送人事部门 copy to personnel');
    }
  }
  const unperformed = findings.filter((finding) => finding.cause === 'duty-not-performed');
  for (const [index, { person, faults }] of eachResponsible(unperformed).entries()) {
    await file.startCase('referral', `person-${index}`, {
      source: 'complaint', referringOrgan: organ, supervisoryOrgan: supervisoryOf(person.organ), subject: file.intake.subject, facts: faults,
      ownMeasures: '已调查并答复投诉人 investigated and answered', evidence: [{ title: `${file.caseNumber} 调查报告 findings` }],
      persons: [person],
    });
  }
}

/** The complainant rates; not content, review 复查 and re-review 复核 follow, 30 days to ask and 30 to decide each (信访工作条例 35, 36). */
async function ratingAndReview(file: File, organ: string): Promise<'concluded-after-review' | 'concluded-after-re-review' | undefined> {
  const rating = await file.step('rate', { organ: file.view.startedBy.organ ?? organ });
  if (rating.answer !== 'dissatisfied') return undefined;
  const superiors = (await file.organs(organ))[organ]?.superiors ?? [];
  const reviewer = nearestImpartial(file.view, superiors) ?? superiors[0] ?? organ;
  const review = await file.step('review-decision', { organ: reviewer, context: rating.fields });
  file.notify('complainant', 'review', { result: review.answer }, review.fields);

  const second = await file.step('rate-review', { organ: file.view.startedBy.organ ?? organ });
  if (second.answer !== 'request-re-review') return 'concluded-after-review';
  // 信访工作条例 36: 向复查机关、单位的上一级机关、单位请求复核
  const above = nearestImpartial(file.view, superiors.slice(superiors.indexOf(reviewer) + 1)) ?? reviewer;
  for (;;) {
    const final = await file.step('re-review', { organ: above, context: second.fields });
    if (final.answer === 'hearing') {
      // 信访工作条例 36: 听证所需时间不计算在内
      file.exclude('re-review', civilDate(final.fields.from), civilDate(final.fields.to), 'hearing', final.by);
      continue;
    }
    file.notify('complainant', 're-review', { result: final.answer }, final.fields);
    return 'concluded-after-re-review';
  }
}
