import { z } from 'zod';
import { OrganId } from './organs';
import { text, type Text } from './text';

/** Levels of responsibility in any fault: approval 批准, review 审核, handling 承办 (S2 二(三)). */
export const responsibilityLevels = ['approval', 'review', 'handling'] as const;
export const ResponsibilityLevel = z.enum(responsibilityLevels).meta({
  description: '责任层次: approval 批准, review 审核, handling 承办',
});
export type ResponsibilityLevel = z.infer<typeof ResponsibilityLevel>;

/** Post levels: head of the organ, head of a division within it, civil servant (S2 二(三)). */
export const PostLevel = z.enum(['organ-head', 'division-head', 'civil-servant']).meta({
  description: '部门负责人 / 内设机构负责人 / 普通公务员',
});
export type PostLevel = z.infer<typeof PostLevel>;


/** A person concerned 当事人. The staff id is the personnel system's; who carries it never handles the case (回避). */
export const Person = z.object({
  name: z.string().min(1).max(100),
  staffId: z.string().min(1).max(40).optional(),
  organ: OrganId,
  post: z.string().max(100).optional(),
  postLevel: PostLevel,
});
export type Person = z.infer<typeof Person>;

/** What is known of a complainant 投诉人; an anonymous one gives nothing of this. */
export const Complainant = z.object({
  name: z.string().min(1).max(100).optional(),
  phone: z.string().max(40).optional(),
  idNumber: z.string().max(40).optional(),
  address: z.string().max(300).optional(),
  email: z.string().max(200).optional(),
  anonymous: z.boolean().default(false),
}).refine((who) => !who.anonymous || !(who.name ?? who.phone ?? who.idNumber ?? who.address ?? who.email), {
  message: 'an anonymous complainant leaves no name, telephone, identity number, address or e-mail',
}).refine((who) => who.anonymous || who.name !== undefined, { message: 'a named complainant has a name', path: ['name'] });
export type Complainant = z.infer<typeof Complainant>;

/** Why a fault happened decides what follows (S3 二(七)5). */
export const faultCauses = ['rule-or-process', 'unclear-duties', 'shirking', 'duty-not-performed'] as const;
export const FaultCause = z.enum(faultCauses).meta({
  description: '制度设计和实施运行不合理 / 职责不清、职能交叉 / 推诿扯皮、敷衍塞责 / 不履行或者不正确履行法定职责',
});
export type FaultCause = z.infer<typeof FaultCause>;

/** One finding names the level, the person and the duty breached. */
export const Finding = z.object({
  level: ResponsibilityLevel,
  person: Person,
  responsible: z.boolean(),
  fault: z.string().min(1).max(4000),
  duty: z.string().max(300).optional().meta({ description: 'the entry of the catalogue of responsibilities that was breached 责任目录' }),
  cause: FaultCause.optional(),
});
export type Finding = z.infer<typeof Finding>;

/** A level at which nobody acted, and why: nobody approved what never came to approval. */
export const LevelNotInvolved = z.strictObject({ level: ResponsibilityLevel, reasons: z.string().min(1).max(1000) });
export type LevelNotInvolved = z.infer<typeof LevelNotInvolved>;

/** Levels that are neither found on nor said not to be involved, and those that are both: 责任倒查、层层追究 leaves none open (S2 四(一)). */
export function levelsAmiss(findings: readonly Finding[], notInvolved: readonly LevelNotInvolved[]): { readonly open: readonly ResponsibilityLevel[]; readonly both: readonly ResponsibilityLevel[] } {
  const found = (level: ResponsibilityLevel): boolean => findings.some((finding) => finding.level === level);
  const excused = (level: ResponsibilityLevel): boolean => notInvolved.some((each) => each.level === level);
  return { open: responsibilityLevels.filter((level) => !found(level) && !excused(level)), both: responsibilityLevels.filter((level) => found(level) && excused(level)) };
}

/** 一案双查 (S3 二(六)6): whether the leader in charge was examined too, and with what result. */
export const LeadershipExamined = z.object({
  examined: z.boolean(),
  leader: Person.optional(),
  result: z.string().min(1).max(4000).meta({ description: 'what the examination found, or why none was held' }),
});
export type LeadershipExamined = z.infer<typeof LeadershipExamined>;

/** Outcomes for a person held responsible; the sanctions proper come last (公务员法 62, 政务处分法 7). */
export const measures: Readonly<Record<string, Text>> = {
  'no-fault': text('不予追究', 'no fault'),
  'general-fault': text('一般过错', 'general fault'),
  criticism: text('通报批评', 'notice of criticism'),
  'admonition-talk': text('诫勉谈话', 'admonition talk'),
  transfer: text('调离岗位', 'transfer from the post'),
  suspension: text('停职检查', 'suspension'),
  'public-apology': text('责令公开道歉', 'public apology'),
  resignation: text('引咎辞职/责令辞职', 'resignation'),
  removal: text('免职', 'removal from office'),
  warning: text('警告', 'warning'),
  demerit: text('记过', 'demerit'),
  'major-demerit': text('记大过', 'major demerit'),
  demotion: text('降级', 'demotion'),
  dismissal: text('撤职', 'dismissal from post'),
  expulsion: text('开除', 'expulsion'),
};
export const Measure = z.enum([
  'no-fault', 'general-fault', 'criticism', 'admonition-talk', 'transfer', 'suspension', 'public-apology', 'resignation', 'removal',
  'warning', 'demerit', 'major-demerit', 'demotion', 'dismissal', 'expulsion',
]);
export type Measure = z.infer<typeof Measure>;

/** Measures that end or change the post, level or grade: personnel carries them out within a month (政务处分法 54). */
export const changesPost = (measure: Measure): boolean =>
  ['transfer', 'resignation', 'removal', 'demotion', 'dismissal', 'expulsion'].includes(measure);
