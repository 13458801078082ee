import type { Text } from '../domain/text';

/** What a verification looks at, in this order. */
export const checkNames = ['container', 'manifest', 'files', 'law', 'chain', 'seal', 'roots', 'destruction', 'clocks', 'documents'] as const;
export type CheckName = (typeof checkNames)[number];

/** `none`: there is nothing of the kind in the file; `skipped`: an earlier finding leaves nothing to check. */
export interface Check {
  readonly check: CheckName;
  readonly status: 'holds' | 'fails' | 'none' | 'skipped';
  readonly what: Text;
  /** Where it does not hold. */
  readonly place?: string;
}

export interface Report {
  readonly caseNumber: string | null;
  readonly holds: boolean;
  readonly redacted: boolean;
  readonly checks: readonly Check[];
  /** The first place that does not hold. */
  readonly first: { readonly check: CheckName; readonly place: string; readonly what: Text } | null;
  /** Roots the case lies under, to be compared with those made public. */
  readonly roots: readonly { readonly day: string; readonly hash: string }[];
}

const marks: Readonly<Record<Check['status'], string>> = { holds: '✓', fails: '✗', none: '–', skipped: '·' };
const titles: Readonly<Record<CheckName, string>> = {
  container: '容器 container', manifest: '目录 manifest', files: '文件 files', law: '法规版本 law', chain: '证据链 chain', seal: '封存 seal', roots: '每日总摘要 roots',
  destruction: '销毁记录 destruction', clocks: '期限 clocks', documents: '材料 documents',
};

/** What would end a line, move the cursor or turn the direction of reading; names and texts of a forged file may hold it. */
const commanding = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/gu;

/** Words for a terminal: what commands it is written as its number, so that no file writes a verdict of its own. */
export const plainWords = (words: string): string => words.replaceAll(commanding, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);

/** The report in words, a line per check, zh and en. */
export function reportLines(report: Report): string[] {
  const lines = report.checks.map(({ check, status, what, place }) => `${marks[status]} ${titles[check]}: ${place === undefined ? '' : `${place}: `}${what.zh} ${what.en}`);
  const verdict = report.first === null
    ? `${report.caseNumber ?? ''} 全部成立 everything holds`
    : `首处不符 first place that does not hold: [${report.first.check}] ${report.first.place}: ${report.first.what.zh} ${report.first.what.en}`;
  return [...lines, ...report.roots.map(({ day, hash }) => `  总摘要 root ${day} ${hash}`), verdict].map(plainWords);
}
