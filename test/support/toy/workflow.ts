import type { CaseResult, CaseStart } from '../../../domain/messages';
import { conductCase } from '../../../workflows/kit';
import { toyCase } from './definition';

/** Build, then check. */
export async function toy(start: CaseStart<{ subject: string; organ: string; colour: 'red' | 'blue' }>): Promise<CaseResult> {
  return conductCase(toyCase, start, async (file) => {
    const built = await file.step('build', { organ: file.intake.organ });
    await file.step('check', { organ: file.view.leadOrgan, context: built.fields });
    return file.close('done');
  });
}
