import { referralCase, type Decisions, type ReferralFindings, type ReferralIntake } from '../domain/cases/referral';
import { civilDateAt, type CivilDate } from '../domain/civil-date';
import { eachOnce, eachResponsible, isAbout } from '../domain/cases/responsible';
import type { FieldIssue } from '../domain/case-definition';
import type { Json } from '../domain/json';
import type { CaseResult, CaseStart } from '../domain/messages';
import { changesPost, type Person } from '../domain/person';
import { conductCase, returned, untilAccepted, whoSupervises, type CaseFile } from './kit';

type File = CaseFile<typeof referralCase>;

/** 移送处理: the supervisory organ investigates and decides, and tells the referrer, personnel and the archive (S2 三(三), 二(三)). */
export async function referral(start: CaseStart<ReferralIntake>): Promise<CaseResult> {
  return conductCase(referralCase, start, async (file) => {
    const { referringOrgan, persons } = file.intake;
    const { supervisory, personnel } = await competent(file);
    file.putInCharge(supervisory);

    if (!await received(file, supervisory, referringOrgan)) return file.close('taken-back');
    // 处分条例 44: 自立案之日起6个月内作出决定,至迟不超过12个月
    file.startClock('decision', { organ: supervisory, trigger: 'opening' });
    const { decisions, decidedOn } = await decided(file, supervisory, persons);
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

    await personnelChanges(file, { decisions, decidedOn, personnel });
    return file.close(responsible.length > 0 ? 'decided' : 'no-responsibility', decisions);
  });
}

/** No organ investigates its own: where a person concerned belongs to the supervisory organ, the one over it takes the case (回避). */
async function competent(file: File): Promise<{ readonly supervisory: string; readonly personnel: string }> {
  const { persons, referringOrgan } = file.intake;
  const first = persons[0]?.organ ?? referringOrgan;
  const relations = (await file.organs(first))[first];
  const named = file.intake.supervisoryOrgan ?? relations?.supervisory ?? first;
  const own = persons.some((person) => person.organ === named);
  const supervisory = own ? (await file.organs(named))[named]?.supervisory ?? named : named;
  return { supervisory, personnel: relations?.personnel ?? supervisory };
}

/** The supervisory organ accepts, or returns with reasons what is incomplete. False when the referring organ takes it back. */
async function received(file: File, supervisory: string, referringOrgan: string): Promise<boolean> {
  let resubmitted: { readonly context?: Json } = {};
  for (;;) {
    const receipt = await file.step('receive', { organ: supervisory, ...resubmitted });
    if (receipt.answer !== 'return') {
      if (receipt.answer === 'accept' && receipt.fields.jointInspection) {
        file.notify({ roles: ['referrer', 'handler', 'department'], organ: referringOrgan }, 'joint-inspection');
      }
      return true;
    }
    const completed = await file.step('supplement', { organ: referringOrgan, context: { returned: receipt.fields.reasons } });
    if (completed.answer === 'take-back') return false;
    resubmitted = { context: { resubmitted: completed.fields } };
  }
}

/** What was decided, and on which day. */
interface Decided {
  readonly decisions: Decisions;
  readonly decidedOn: CivilDate;
}

/** Investigation, statement and defence of each person, review, decision; a return goes back to the investigation. */
async function decided(file: File, supervisory: string, persons: readonly Person[]): Promise<Decided> {
  return untilAccepted(async (why) => {
    const report = await file.step('investigate', { organ: supervisory, ...why });
    if (report.answer !== 'report') throw new Error('the investigation has no lapse');
    file.addPersons(report.fields.findings.map((finding) => finding.person));
    const heard = concerned(persons, report.fields);
    const statements = await Promise.all(heard.map((person, index) =>
      file.step('statement', { organ: supervisory, key: String(index + 1), context: { person: person as unknown as Json } })));
    // 政务处分法 43: 对其陈述的事实、理由和证据进行核实: who reviews and decides has before them what each said.
    const context = { ...report.fields, statements: statements.map(({ answer, fields }, index) => ({ name: heard[index]?.name ?? '', answer, ...fields })) } as unknown as Json;
    const deciding = await whoSupervises(file, supervisory);
    const review = await file.step('review', { organ: deciding, context });
    if (review.answer === 'return') return returned(review.fields.reasons);
    const decision = await file.step('decide', { organ: deciding, context, check: (answer, fields) => (answer === 'decide' ? notAboutThem(heard, fields as Decisions) : []) });
    if (decision.answer === 'return') return returned(decision.fields.reasons);
    if (decision.answer !== 'decide') throw new Error('the decision has no lapse');
    file.recordFindings(report.fields.findings, report.fields.leadership);
    return { decisions: decision.fields, decidedOn: civilDateAt(decision.at) };
  });
}

/** Who is heard: everyone referred and everyone found responsible, each once (政务处分法 43). */
const concerned = (persons: readonly Person[], report: ReferralFindings): readonly Person[] =>
  eachOnce([...persons, ...eachResponsible(report.findings).map(({ person }) => person)]);

/** Everyone heard gets a decision, if only that there is no fault, and nobody who was not heard gets one (政务处分法 43). */
function notAboutThem(heard: readonly Person[], { decisions }: Decisions): FieldIssue[] {
  const forgotten = heard.filter((person) => !decisions.some((decision) => isAbout(decision, person)));
  const strangers = decisions.flatMap((decision, index) => (heard.some((person) => isAbout(decision, person)) ? [] : [index]));
  return [
    ...forgotten.map((person) => ({ path: 'decisions', message: `nothing is decided on ${person.name}, who was heard` })),
    ...strangers.map((index) => ({ path: `decisions.${index}.name`, message: 'was not heard in this case' })),
  ];
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

/** 政务处分法 54: 在作出政务处分决定后一个月内办理…最长不得超过六个月: the month runs from the decision, not from when personnel is told. */
async function personnelChanges(file: File, { decisions, decidedOn, personnel }: Decided & { readonly personnel: string }): Promise<void> {
  const changes = decisions.decisions.map((decision, index) => ({ decision, key: String(index + 1) })).filter(({ decision }) => changesPost(decision.measure));
  await Promise.all(changes.map(async ({ decision, key }) => {
    const change = await file.step('personnel-change', { organ: personnel, key, since: decidedOn, context: decision });
    await file.call('registerPersonnelChange', `change-${key}`, { staffId: decision.staffId ?? `unlisted.${file.caseNumber}.${key}`, content: { ...change.fields, measure: decision.measure } }, '办理职务职级变更 personnel change');
  }));
}
