import type { CaseDefinition } from '../domain/case-definition';
import { headOf } from '../domain/cases/responsible';
import type { CaseFile } from './kit';

/** What is held against an organ that did not do as it was told. */
export interface Disobedience {
  readonly organ: string;
  /** Who told it, and now refers its head. */
  readonly told: string;
  readonly source: 'rectification' | 'dispute';
  readonly subject: string;
  readonly grounds: string;
  readonly facts: string;
  /** 依照本部门的权限作出的处理: what was done before referring. */
  readonly ownMeasures: string;
  readonly evidence: string;
}

/** 对部门给予通报批评并追究有关责任人的行政责任 (S2 四(二)): the organ is criticised by notice and its head is referred, once for one order. */
export async function criticiseAndRefer<D extends CaseDefinition>(file: CaseFile<D>, { organ, told, source, subject, grounds, facts, ownMeasures, evidence }: Disobedience): Promise<void> {
  file.criticise(organ, grounds, source);
  // 限期内仍不履行的…追究有关责任人的行政责任 (S2 四(二)): an order not carried out is one matter, and its ladder has referred it with the silence;
  // the supervisory organ has what was found since for the referral it holds.
  if (file.hasReferredHeadOf(organ) && file.patched('2026-11-22-referred-once')) {
    file.notify({ roles: ['supervisor'], organ: `supervisory-of:${organ}` }, 'referred-before', { organ }, { facts, evidence });
    return;
  }
  const relations = (await file.organs(organ))[organ];
  await file.startCase('referral', 'leaders', {
    source, referringOrgan: told, subject, facts, ownMeasures, evidence: [{ title: evidence }], persons: [headOf(organ, relations)],
  });
}
