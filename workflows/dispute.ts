import { disputeCase, type DisputeIntake } from '../domain/cases/dispute';
import type { CaseResult, CaseStart } from '../domain/messages';
import { criticiseAndRefer } from './consequences';
import { conductCase, returned, untilAccepted, type CaseFile } from './kit';

type File = CaseFile<typeof disputeCase>;

/** 职能争议协调: negotiate first, then the coordinating organ's written opinion, which is carried out or answered for (S3 二(二)5, S2 四(二)). */
export async function dispute(start: CaseStart<DisputeIntake>): Promise<CaseResult> {
  return conductCase(disputeCase, start, async (file) => {
    const { parties, coordinatingOrgan, subject } = file.intake;
    orderAtOnce(file);
    const negotiation = await negotiated(file);
    if (negotiation?.answer === 'agreed') return file.close('agreed', negotiation.fields);

    const opinion = await file.step('opinion', { organ: coordinatingOrgan, ...(negotiation === undefined ? {} : { context: negotiation.fields }) });
    if (opinion.answer !== 'issue') throw new Error('the opinion has no lapse');
    const organ = opinion.fields.responsibleOrgan;
    for (const party of parties) file.notify({ roles: ['leader', 'department'], organ: party }, 'coordination-opinion', { responsibleOrgan: organ }, opinion.fields);

    const confirmed = await untilAccepted(async ({ context }) => {
      const report = await file.step('comply', { organ, context: { opinion: opinion.fields, returned: null, ...context as object } });
      const confirmation = await file.step('confirm', { organ: coordinatingOrgan, context: report.fields });
      return confirmation.answer === 'return' ? returned(confirmation.fields.reasons) : confirmation;
    });
    if (confirmed.answer !== 'not-done') return file.close('carried-out', opinion.fields);
    // S2 四(二): 对不执行行政执法协调意见的,对部门给予通报批评并追究有关责任人的行政责任
    await criticiseAndRefer(file, {
      source: 'dispute', organ, told: coordinatingOrgan, subject, grounds: `不执行协调意见 opinion not carried out: ${file.caseNumber}`, facts: confirmed.fields.reasons,
      ownMeasures: '已出具协调意见并通报批评 opinion issued, criticised', evidence: `${file.caseNumber} 协调意见书 opinion`,
    });
    return file.close('not-carried-out', opinion.fields);
  });
}

/** 不立即采取措施可能对公共利益造成重大影响的: one organ acts at once, the others support it. */
function orderAtOnce(file: File): void {
  const { parties, urgent } = file.intake;
  if (urgent === undefined) return;
  file.enter('order', { by: file.view.startedBy, facts: { organ: urgent.actingOrgan, interim: true }, detail: { order: urgent.measure } });
  for (const organ of parties) file.notify({ roles: ['leader', 'department'], organ }, 'interim-order', { actingOrgan: urgent.actingOrgan }, { order: urgent.measure });
}

/** 争议各方应当先自行协调 — where there are several: an organ whose duties are unclear in themselves has nobody to negotiate with. */
async function negotiated(file: File) {
  const [first, second] = file.intake.parties;
  return first === undefined || second === undefined ? undefined : file.step('negotiate', { organ: first });
}
