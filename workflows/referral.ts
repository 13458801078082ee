import { referralCase, type Decisions, type ReferralFindings, type ReferralIntake } from '../domain/cases/referral';
import type { Json } from '../domain/json';
import type { CaseResult, CaseStart } from '../domain/messages';
import { changesPost, type Person } from '../domain/person';
import { conductCase, type CaseFile } from './kit';

type File = CaseFile<typeof referralCase>;

/** 移送处理: the supervisory organ investigates and decides, and tells the referrer, personnel and the archive (S2 三(三), 二(三)). */
export async function referral(start: CaseStart<ReferralIntake>): Promise<CaseResult> {
  return conductCase(referralCase, start, async (file) => {
    const { referringOrgan, persons } = file.intake;
    const first = persons[0]?.organ ?? referringOrgan;
    const relations = (await file.organs(first))[first];
    const supervisory = file.intake.supervisoryOrgan ?? relations?.supervisory ?? first;
    const personnel = relations?.personnel ?? supervisory;
    file.putInCharge(supervisory);

    if (!await received(file, supervisory, referringOrgan)) return file.close('taken-back');
    // 处分条例 44: 自立案之日起6个月内作出决定,至迟不超过12个月
    file.startClock('decision', { organ: supervisory, trigger: 'opening' });
    const decisions = await decided(file, supervisory, persons);
    file.stopClock('decision');

    const served = await file.step('serve', { organ: supervisory });
    const responsible = decisions.decisions.filter((decision) => decision.measure !== 'no-fault');
    await entered(file, decisions, personnel);
    if (decisions.publish !== 'none') {
      await file.call('publish', 'decision', { scope: decisions.publish, content: decisions }, '公布处理结果 publication of the result');
      file.enter('announcement', { by: served.by, facts: { scope: decisions.publish } });
    }
    await file.call('fileForRecord', 'decision', { content: decisions }, '责任追究备案 filing of the decision');

    // 审计法 54: 将结果书面告知移送机关
    const feedback = await file.step('feedback', { organ: supervisory });
    file.notify({ roles: ['referrer', 'handler', 'supervisor', 'department'], organ: referringOrgan }, 'feedback', { outcome: responsible.length > 0 ? 'decided' : 'no-responsibility' }, feedback.fields);
    file.notify({ roles: ['personnel'], organ: personnel }, 'copy-of-result', {}, decisions);

    await personnelChanges(file, decisions, personnel);
    return file.close(responsible.length > 0 ? 'decided' : 'no-responsibility', decisions);
  });
}

/** The supervisory organ accepts, or returns with reasons what is incomplete. False when the referring organ takes it back. */
async function received(file: File, supervisory: string, referringOrgan: string): Promise<boolean> {
  for (;;) {
    const receipt = await file.step('receive', { organ: supervisory });
    if (receipt.answer !== 'return') {
      if (receipt.answer === 'accept' && receipt.fields.jointInspection) {
        file.notify({ roles: ['referrer', 'handler', 'department'], organ: referringOrgan }, 'joint-inspection');
      }
      return true;
    }
    const completed = await file.step('supplement', { organ: referringOrgan, context: { returned: receipt.fields.reasons } });
    if (completed.answer === 'take-back') return false;
  }
}

/** Investigation, statement and defence of each person, review, decision; a return goes back to the investigation. */
async function decided(file: File, supervisory: string, persons: readonly Person[]): Promise<Decisions> {
  let returned: Json | undefined;
  for (;;) {
    const report = await file.step('investigate', { organ: supervisory, ...(returned === undefined ? {} : { context: { returned } }) });
    if (report.answer !== 'report') throw new Error('the investigation has no lapse');
    file.addPersons(report.fields.findings.map((finding) => finding.person));
    await Promise.all(concerned(persons, report.fields).map((person, index) =>
      file.step('statement', { organ: supervisory, key: String(index + 1), context: { person: person as unknown as Json } })));
    const review = await file.step('review', { organ: supervisory, context: report.fields });
    if (review.answer === 'return') { returned = review.fields.reasons; continue; }
    const decision = await file.step('decide', { organ: supervisory, context: report.fields });
    if (decision.answer === 'return') { returned = decision.fields.reasons; continue; }
    if (decision.answer !== 'decide') throw new Error('the decision has no lapse');
    file.recordFindings(report.fields.findings, report.fields.leadership);
    return decision.fields;
  }
}

/** Who is heard: everyone referred and everyone a finding names, each once (政务处分法 43). */
function concerned(persons: readonly Person[], report: ReferralFindings): readonly Person[] {
  const all = [...persons, ...report.findings.filter((finding) => finding.responsible).map((finding) => finding.person)];
  const identity = (person: Person): string => person.staffId ?? `${person.organ}/${person.name}`;
  return all.filter((person, index) => all.findIndex((other) => identity(other) === identity(person)) === index);
}

/** 公务员被追究责任的情况要进入人事档案 (S2 三(三)); the result is copied to personnel. */
async function entered(file: File, decisions: Decisions, personnel: string): Promise<void> {
  for (const [index, decision] of decisions.decisions.entries()) {
    file.enter('measure', { by: file.view.startedBy, step: 'decide', facts: { measure: decision.measure, direct: decision.direct, effectiveOn: decisions.effectiveOn }, detail: { ...decision } });
    if (decision.measure === 'no-fault') continue;
    const staffId = decision.staffId ?? `unlisted.${file.caseNumber}.${index + 1}`;
    const content = { ...decision, effectiveOn: decisions.effectiveOn, personnel } as unknown as Json;
    await file.call('copyToPersonnel', `copy-${index}`, { staffId, content }, '抄送人事部门 copy to personnel');
    await file.call('enterPersonnelArchive', `archive-${index}`, { staffId, content }, '记入人事档案 entry in the personnel archive');
  }
}

/** 政务处分法 54: changes of post, level or grade within one month, at most six. */
async function personnelChanges(file: File, decisions: Decisions, personnel: string): Promise<void> {
  const changes = decisions.decisions.map((decision, index) => ({ decision, key: String(index + 1) })).filter(({ decision }) => changesPost(decision.measure));
  await Promise.all(changes.map(async ({ decision, key }) => {
    const change = await file.step('personnel-change', { organ: personnel, key, context: decision });
    await file.call('registerPersonnelChange', `change-${key}`, { staffId: decision.staffId ?? `unlisted.${file.caseNumber}.${key}`, content: { ...change.fields, measure: decision.measure } }, '办理职务职级变更 personnel change');
  }));
}
