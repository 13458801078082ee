import { z } from 'zod';
import { OrganId } from '../domain/organs';
import { text, type Text } from '../domain/text';

/** Characters that XML 1.0 cannot hold, and half characters. */
export const unprintable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;
const Words = (max: number) => z.string().min(1).max(max).refine((value) => !unprintable.test(value), 'holds a control character');

/** What every letter may say of its addressee and of the limit it names. */
const common = {
  to: Words(200).optional().meta({ description: 'the addressee; left out in a letter to the complainant, the complainant' }),
  toOrgan: OrganId.optional().meta({ description: 'the addressee, where it is an organ' }),
  clock: z.string().min(1).max(120).optional().meta({ description: 'the clock whose due date and article stand in the letter; may be left out where the case has one' }),
};

/** One kind of letter: its name, the character its number carries, what the officer writes in it. */
export interface LetterKindDefinition {
  readonly title: Text;
  /** The kind's character in the number 文号: 云监〔移〕→ 云监移〔2026〕12号. */
  readonly mark: string;
  /** Whom it is to when the officer names nobody. */
  readonly addressee: 'complainant' | 'named' | 'public';
  /** Whether it names a limit: always, when the case has one running, or never. */
  readonly limit: 'always' | 'if-any' | 'never';
  readonly fields: z.ZodType<LetterFields>;
  /** Names of the fields that go into the template by their name. */
  readonly own: readonly string[];
}

/** The fields of any letter, as its kind has checked them; everything beyond the common ones goes into the template by its name. */
export type LetterFields = { readonly to?: string | undefined; readonly toOrgan?: string | undefined; readonly clock?: string | undefined } & Readonly<Record<string, string | readonly string[] | undefined>>;

const letter = (title: Text, mark: string, addressee: LetterKindDefinition['addressee'], limit: LetterKindDefinition['limit'], own: z.ZodRawShape): LetterKindDefinition =>
  ({ title, mark, addressee, limit, fields: z.strictObject({ ...common, ...own }), own: Object.keys(own) });

/** The letters there are. A template of the same name lies in templates/. */
export const letterKinds = {
  /** 《信访工作条例》第二十三条 …应当自收到信访事项之日起15日内书面告知信访人. */
  acceptance: letter(text('受理告知书', 'notice of acceptance'), '受', 'complainant', 'always', { procedure: Words(4000).meta({ description: '办理程序' }) }),
  /** 《信访工作条例》第三十四条 …延长期限不得超过30日，并告知信访人延期理由. */
  extension: letter(text('延期告知书', 'notice of extension'), '延', 'complainant', 'always', { reasons: Words(4000).meta({ description: '延期理由' }) }),
  reply: letter(text('答复意见书', 'written reply'), '复', 'complainant', 'never', {
    findings: Words(20_000).meta({ description: '调查情况' }), conclusion: Words(20_000).meta({ description: '处理意见' }),
    remedy: Words(2000).optional().meta({ description: '救济途径: how and until when a review may be asked for' }),
  }),
  referral: letter(text('移送函', 'letter of referral'), '移', 'named', 'if-any', {
    facts: Words(20_000), ownMeasures: Words(4000).meta({ description: '本机关已作出的处理' }), evidence: z.array(Words(300)).min(1).max(200).meta({ description: '证据清单' }),
  }),
  decision: letter(text('处理决定书', 'decision'), '决', 'named', 'never', {
    facts: Words(20_000), basis: Words(4000).meta({ description: '依据' }), decision: Words(10_000), remedy: Words(2000).meta({ description: '救济途径' }),
  }),
  rectification: letter(text('限期整改通知书', 'order to rectify within a limit'), '改', 'named', 'always', {
    problems: Words(20_000).meta({ description: '存在的问题' }), order: Words(10_000).meta({ description: '整改要求' }),
  }),
  apology: letter(text('公开道歉书', 'public apology'), '歉', 'public', 'never', { facts: Words(20_000), apology: Words(4000), measures: Words(4000).meta({ description: '改正措施' }) }),
} as const satisfies Readonly<Record<string, LetterKindDefinition>>;

export type LetterKind = keyof typeof letterKinds;
export const letterKindNames = Object.keys(letterKinds) as [LetterKind, ...LetterKind[]];
