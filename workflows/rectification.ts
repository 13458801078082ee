import { rectificationCase, type RectificationIntake } from '../domain/cases/rectification';
import type { Json } from '../domain/json';
import type { CaseResult, CaseStart } from '../domain/messages';
import { conductCase, type CaseFile } from './kit';

type File = CaseFile<typeof rectificationCase>;

/** 限期整改: order, report, verification; not done, the organ is criticised and its leaders are referred (S2 四(二)). */
export async function rectification(start: CaseStart<RectificationIntake>): Promise<CaseResult> {
  return conductCase(rectificationCase, start, async (file) => {
    const { organ, orderingOrgan } = file.intake;
    file.enter('order', { by: file.view.startedBy, facts: { organ, within: file.intake.within ?? null }, detail: { order: file.intake.order } });
    file.notify({ roles: ['leader', 'department'], organ }, 'rectification-order', {}, { order: file.intake.order });
    if (file.intake.failedOutright) {
      await sanction(file, '考评不合格 appraisal failed outright');
      return file.close('failed-outright');
    }
    let returned: Json | undefined;
    for (;;) {
      const report = await file.step('report', {
        organ, ...(file.intake.within === undefined ? {} : { override: file.intake.within }), ...(returned === undefined ? {} : { context: { returned } }),
      });
      const verified = await file.step('verify', { organ: orderingOrgan, context: report.fields });
      if (verified.answer === 'done') return file.close('done');
      if (verified.answer === 'not-done') {
        await sanction(file, `逾期未整改到位 not put right: ${file.caseNumber}`);
        return file.close('not-done');
      }
      returned = verified.answer === 'return' ? verified.fields.reasons : undefined;
    }
  });
}

/** 对部门给予通报批评并追究有关责任人的行政责任 (S2 四(二)). */
async function sanction(file: File, grounds: string): Promise<void> {
  const { organ, orderingOrgan } = file.intake;
  file.criticise(organ, grounds, 'not-put-right');
  const relations = (await file.organs(organ))[organ];
  await file.startCase('referral', 'leaders', {
    source: 'rectification', referringOrgan: orderingOrgan, subject: file.intake.subject, facts: grounds,
    ownMeasures: '已责令限期整改并通报批评 ordered to put right and criticised', evidence: [{ title: `${file.caseNumber} 案卷 case file` }],
    persons: [relations?.head ?? { name: '机关主要负责人', organ, postLevel: 'organ-head' }],
  });
}
