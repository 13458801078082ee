import { rectificationCase, type RectificationIntake } from '../domain/cases/rectification';
import type { CaseResult, CaseStart } from '../domain/messages';
import { criticiseAndRefer } from './consequences';
import { conductCase, returned, untilAccepted, type CaseFile } from './kit';

type File = CaseFile<typeof rectificationCase>;

/** 限期整改: order, report, verification; not done, the organ is criticised and its leaders are referred (S2 四(二)). */
export async function rectification(start: CaseStart<RectificationIntake>): Promise<CaseResult> {
  return conductCase(rectificationCase, start, async (file) => {
    const { organ, orderingOrgan, order, within, failedOutright } = file.intake;
    file.enter('order', { by: file.view.startedBy, facts: { organ, within: within ?? null }, detail: { order } });
    file.notify({ roles: ['leader', 'department'], organ }, 'rectification-order', {}, { order });
    if (failedOutright) {
      await notPutRight(file, '考评不合格 appraisal failed outright');
      return file.close('failed-outright');
    }
    const verified = await untilAccepted(async (why) => {
      const report = await file.step('report', { organ, ...(within === undefined ? {} : { override: within }), ...why });
      const verification = await file.step('verify', { organ: orderingOrgan, context: report.fields });
      return verification.answer === 'return' ? returned(verification.fields.reasons) : verification.answer;
    });
    if (verified === 'done') return file.close('done');
    await notPutRight(file, `逾期未整改到位 not put right: ${file.caseNumber}`);
    return file.close('not-done');
  });
}

const notPutRight = (file: File, grounds: string): Promise<void> => criticiseAndRefer(file, {
  source: 'rectification', organ: file.intake.organ, told: file.intake.orderingOrgan, subject: file.intake.subject, grounds, facts: grounds,
  ownMeasures: '已责令限期整改并通报批评 ordered to put right and criticised', evidence: `${file.caseNumber} 案卷 case file`,
});
