import { disputeCase, type DisputeIntake } from '../domain/cases/dispute';
import type { Json } from '../domain/json';
import type { CaseResult, CaseStart } from '../domain/messages';
import { conductCase } from './kit';

/** 职能争议协调: negotiate first, then the coordinating organ's written opinion, which is carried out or answered for (S3 二(二)5, S2 四(二)). */
export async function dispute(start: CaseStart<DisputeIntake>): Promise<CaseResult> {
  return conductCase(disputeCase, start, async (file) => {
    const { parties, coordinatingOrgan, urgent } = file.intake;
    if (urgent !== undefined) {
      file.enter('order', { by: file.view.startedBy, facts: { organ: urgent.actingOrgan, interim: true }, detail: { order: urgent.measure } });
      for (const organ of parties) file.notify({ roles: ['leader', 'department'], organ }, 'interim-order', { actingOrgan: urgent.actingOrgan }, { order: urgent.measure });
    }
    const negotiation = await file.step('negotiate', { organ: parties[0] ?? coordinatingOrgan });
    if (negotiation.answer === 'agreed') return file.close('agreed', negotiation.fields);

    const opinion = await file.step('opinion', { organ: coordinatingOrgan, context: negotiation.fields });
    if (opinion.answer !== 'issue') throw new Error('the opinion has no lapse');
    const organ = opinion.fields.responsibleOrgan;
    for (const party of parties) file.notify({ roles: ['leader', 'department'], organ: party }, 'coordination-opinion', { responsibleOrgan: organ }, opinion.fields);
    let returned: Json | undefined;
    for (;;) {
      const report = await file.step('comply', { organ, context: { opinion: opinion.fields, returned: returned ?? null } });
      const confirmation = await file.step('confirm', { organ: coordinatingOrgan, context: report.fields });
      if (confirmation.answer === 'done') return file.close('carried-out', opinion.fields);
      if (confirmation.answer === 'not-done') {
        // S2 四(二): 对不执行行政执法协调意见的,对部门给予通报批评并追究有关责任人的行政责任
        file.criticise(organ, `不执行协调意见 opinion not carried out: ${file.caseNumber}`, 'not-carried-out');
        const relations = (await file.organs(organ))[organ];
        await file.startCase('referral', 'leaders', {
          source: 'dispute', referringOrgan: coordinatingOrgan, subject: file.intake.subject, facts: confirmation.fields.reasons,
          ownMeasures: '已出具协调意见并通报批评 opinion issued, criticised', evidence: [{ title: `${file.caseNumber} 协调意见书 opinion` }],
          persons: [relations?.head ?? { name: '机关主要负责人', organ, postLevel: 'organ-head' }],
        });
        return file.close('not-carried-out', opinion.fields);
      }
      returned = confirmation.answer === 'return' ? confirmation.fields.reasons : undefined;
    }
  });
}
