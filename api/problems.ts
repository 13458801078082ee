import { z } from 'zod';
import type { Json } from '../domain/json';
import { text, type Text } from '../domain/text';

/**
 * Every error the API answers with, in one table: code → HTTP status and what it means. A code never changes its meaning;
 * clients switch on it. The wire form is `application/problem+json` (RFC 9457).
 */
export const problemTable = {
  'malformed-json': { status: 400, title: text('请求体不是有效的 JSON', 'The body is not valid JSON') },
  'malformed-request': { status: 400, title: text('请求格式有误', 'The request is not well formed') },
  'invalid-fields': { status: 400, title: text('字段不符合要求', 'Some fields are not as they must be') },
  'not-signed-in': { status: 401, title: text('未登录或登录无效', 'Not signed in') },
  'session-expired': { status: 401, title: text('登录已过期', 'The session has expired') },
  'bad-credentials': { status: 401, title: text('用户名或密码错误', 'Wrong user name or password') },
  'password-not-changed': { status: 400, title: text('密码未修改', 'The password was not changed') },
  'account-locked': { status: 403, title: text('账号已被锁定', 'The account is locked') },
  'password-change-required': { status: 403, title: text('首次登录须先修改密码', 'The first log-in must change the password') },
  'not-allowed': { status: 403, title: text('无权执行此操作', 'Not allowed') },
  'not-yours': { status: 403, title: text('该环节不由您办理', 'The step belongs to somebody else') },
  recusal: { status: 403, title: text('应当回避', 'Recusal: an officer named in a case does not handle it') },
  'unknown-route': { status: 404, title: text('没有这个地址', 'No such address') },
  'unknown-case': { status: 404, title: text('没有这个案件', 'No such case') },
  'unknown-case-type': { status: 404, title: text('没有这种案件类型', 'No such case type') },
  'unknown-step': { status: 404, title: text('没有这个环节', 'No such step') },
  'unknown-document': { status: 404, title: text('没有这份材料', 'No such document') },
  'unknown-letter': { status: 404, title: text('没有这种文书', 'No such kind of letter') },
  'unknown-import': { status: 404, title: text('没有这次导入', 'No such import') },
  'unknown-webhook': { status: 404, title: text('没有这个订阅', 'No such webhook') },
  'unknown-user': { status: 404, title: text('没有这个账号', 'No such account') },
  'unknown-key': { status: 404, title: text('没有这个密钥', 'No such key') },
  'unknown-delegation': { status: 404, title: text('没有这项AB角安排', 'No such delegation') },
  'unknown-action': { status: 404, title: text('没有这种操作', 'No such action') },
  'method-not-allowed': { status: 405, title: text('不支持这种请求方法', 'The address does not take this method') },
  'request-timeout': { status: 408, title: text('请求超时', 'The request took too long to arrive') },
  'case-closed': { status: 409, title: text('案件已办结', 'The case is closed') },
  'step-not-open': { status: 409, title: text('该环节未在办理中', 'The step is not open') },
  'answer-not-allowed': { status: 409, title: text('该环节不接受这种答复', 'The step does not take this answer') },
  'action-not-allowed': { status: 409, title: text('现在不能执行此操作', 'The action is not allowed now') },
  'user-exists': { status: 409, title: text('账号已存在', 'There is such an account') },
  'user-not-changeable': { status: 409, title: text('该账号不可更改', 'The account is not to be changed') },
  'delegation-not-allowed': { status: 409, title: text('不得作此AB角安排', 'No such delegation may be') },
  'delegation-overlaps': { status: 409, title: text('AB角安排期间重叠', 'There is such a delegation for these days') },
  'delegation-ended': { status: 409, title: text('AB角安排已结束', 'The delegation has ended') },
  'import-not-startable': { status: 409, title: text('该次导入正在进行或已完成', 'The import is under way or done') },
  'export-too-large': { status: 409, title: text('案卷过大,不能整体导出', 'The case is too large for one file') },
  'stale-revision': { status: 412, title: text('案件已有更新', 'The case has changed since') },
  'body-too-large': { status: 413, title: text('请求体过大', 'The body is too large') },
  'unsupported-media-type': { status: 415, title: text('不支持的内容类型', 'The content type is not taken here') },
  'unsupported-content': { status: 415, title: text('文件内容不属于可接收的类型', 'The content is of no type that is taken') },
  'idempotency-key-reused': { status: 422, title: text('幂等键已用于另一请求', 'The idempotency key was used for another request') },
  'too-many-requests': { status: 429, title: text('请求过于频繁', 'Too many requests') },
  'head-too-large': { status: 431, title: text('请求头过大', 'The head of the request is too large') },
  'internal-error': { status: 500, title: text('系统内部错误', 'An error of ours') },
  'engine-unavailable': { status: 503, title: text('流程引擎暂时不可用', 'The workflow engine is away') },
  'store-unavailable': { status: 503, title: text('数据库暂时不可用', 'The database is away') },
  'identity-unavailable': { status: 503, title: text('统一身份认证暂时不可用', 'The identity provider is away') },
  'not-on-record-yet': { status: 503, title: text('已受理,尚未入档', 'Accepted, not on record yet') },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly title: Text }>>;

export type ProblemCode = keyof typeof problemTable;
export const problemCodes = Object.keys(problemTable) as [ProblemCode, ...ProblemCode[]];

const BilingualText = z.strictObject({ zh: z.string(), en: z.string() });

/** The wire form of every error. */
export const Problem = z.strictObject({
  type: z.string().meta({ description: 'identifies the kind of problem; ends in its code', example: '/docs/problems#unknown-case' }),
  code: z.enum(problemCodes),
  title: z.string().meta({ description: 'one line, Chinese and English' }),
  status: z.int(),
  detail: z.string().meta({ description: 'what happened this time' }),
  text: z.strictObject({ title: BilingualText, detail: BilingualText }),
  instance: z.string().meta({ description: 'the id of the request, as in the logs' }),
  errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional().meta({ description: 'with `invalid-fields`: which, and why' }),
  allowed: z.unknown().optional().meta({ description: 'with 409 and some 404: what is allowed now' }),
  retryAfterSeconds: z.int().optional(),
}).meta({ id: 'Problem', description: 'RFC 9457 problem' });
export type Problem = z.infer<typeof Problem>;

export interface ProblemExtras {
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
  readonly allowed?: Json;
  readonly retryAfterSeconds?: number;
  /** Response headers that belong to the problem, such as `Allow`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An error with a place in the table. Thrown anywhere in the API; the last middleware writes it. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  constructor(readonly code: ProblemCode, readonly detail: Text, readonly extras: ProblemExtras = {}) {
    super(`${code}: ${detail.en}`, extras.cause === undefined ? undefined : { cause: extras.cause });
    this.status = problemTable[code].status;
  }

  /** The body as sent; `instance` is the request id. */
  toBody(instance: string): Problem {
    const { title } = problemTable[this.code];
    return {
      type: `/docs/problems#${this.code}`,
      code: this.code,
      title: `${title.zh} ${title.en}`,
      status: this.status,
      detail: `${this.detail.zh} ${this.detail.en}`,
      text: { title: { ...title }, detail: { ...this.detail } },
      instance,
      ...(this.extras.errors === undefined ? {} : { errors: this.extras.errors.map((each) => ({ ...each })) }),
      ...(this.extras.allowed === undefined ? {} : { allowed: this.extras.allowed }),
      ...(this.extras.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: this.extras.retryAfterSeconds }),
    };
  }
}

/** Shorthand: `throw problem('unknown-case', '没有案件 X', 'no case X')`. */
export function problem(code: ProblemCode, zh: string, en: string, extras: ProblemExtras = {}): ApiProblem {
  return new ApiProblem(code, text(zh, en), extras);
}
