import { Problem, Receipt, segments, type Entry, type Kind } from './contract';

/** Where the systems are and how long to wait for one answer. */
export interface SystemsClientOptions {
  readonly personnelUrl: string;
  readonly recordsUrl: string;
  readonly token: string;
  /** Milliseconds for a whole exchange; less than the activity's own timeout. Default 10,000. */
  readonly timeoutMs?: number;
}

/** A fact to send, of the contract's {@link Entry}; `key` is the same however often it is sent, `content` is whatever JSON can hold. */
export interface SystemFact extends Pick<Entry, 'caseNumber' | 'at'> {
  readonly key: string;
  readonly by: { readonly kind: string; readonly id: string };
  readonly content: unknown;
}

export type SystemName = 'personnel' | 'records';

/** What both errors carry: for the engineer the system, case key and status; never any of the content. */
interface Trouble {
  readonly system: SystemName;
  readonly key: string;
  readonly status?: number;
  readonly code: string;
}

/**
 * Thrown when trying again may help: no connection, no answer in time, 5xx, 429, an answer out of contract — and credentials or an address
 * that are wrong (401, 403, 404, 405): an operator mends those, and no case may fail meanwhile. `retryAfterMs` when the system said so.
 */
export class SystemUnavailable extends Error {
  override readonly name = 'SystemUnavailable';
  constructor(readonly trouble: Trouble, readonly retryAfterMs?: number, cause?: unknown) {
    super(`the ${trouble.system} system cannot take ${trouble.key} now (${trouble.code})`, { cause });
  }
}

/** Thrown when the system understood and refused for good: 400, 409, 413, 422 and the like. Sending the same again changes nothing. */
export class SystemRefused extends Error {
  override readonly name = 'SystemRefused';
  constructor(readonly trouble: Trouble) {
    super(`the ${trouble.system} system refused ${trouble.key} (${trouble.code})`);
  }
}

/** The receipt the other system gave. */
export interface Kept {
  readonly receipt: string;
}

/**
 * Calls to the personnel and record systems, one method per activity. Each call is one attempt; retries belong to whoever calls.
 * All throw SystemUnavailable or SystemRefused; an abort by `signal` throws SystemUnavailable with code `aborted`.
 */
export class SystemsClient {
  constructor(private readonly options: SystemsClientOptions) {}

  /** 备案: files a fault or a decision for record. */
  fileForRecord(fact: SystemFact, signal?: AbortSignal): Promise<Kept> {
    return this.put('records', 'filing', '', fact, {}, signal);
  }

  /** 通报批评: a notice of criticism of an organ. */
  recordCriticism(fact: SystemFact & { readonly organ: string }, signal?: AbortSignal): Promise<Kept> {
    return this.put('records', 'criticism', '', fact, { organ: fact.organ }, signal);
  }

  /** Publication within the scope decided. */
  publish(fact: SystemFact & { readonly scope: string }, signal?: AbortSignal): Promise<Kept> {
    return this.put('records', 'publication', '', fact, { scope: fact.scope }, signal);
  }

  /** 抄送人事部门: the result is copied to the personnel organ. */
  copyToPersonnel(fact: SystemFact & { readonly staffId: string }, signal?: AbortSignal): Promise<Kept> {
    return this.put('personnel', 'copy', archive(fact), fact, {}, signal);
  }

  /** 记入人事档案: entry in the personnel archive. */
  enterPersonnelArchive(fact: SystemFact & { readonly staffId: string }, signal?: AbortSignal): Promise<Kept> {
    return this.put('personnel', 'entry', archive(fact), fact, {}, signal);
  }

  /** 职务职级变更: a change of post, level or grade. */
  registerPersonnelChange(fact: SystemFact & { readonly staffId: string }, signal?: AbortSignal): Promise<Kept> {
    return this.put('personnel', 'change', archive(fact), fact, {}, signal);
  }

  private async put(system: SystemName, kind: Kind, prefix: string, fact: SystemFact, own: Record<string, string>, signal?: AbortSignal): Promise<Kept> {
    const { key, caseNumber, at, by, content } = fact;
    const base = system === 'personnel' ? this.options.personnelUrl : this.options.recordsUrl;
    const fail = (code: string, cause?: unknown): SystemUnavailable => new SystemUnavailable({ system, key, code }, undefined, cause);
    const limit = AbortSignal.timeout(this.options.timeoutMs ?? 10_000);
    let status: number;
    let headers: Headers;
    let answer: string;
    try {
      const response = await fetch(`${base}${prefix}/${segments[kind]}/${encodeURIComponent(key)}`, {
        method: 'PUT',
        headers: { 'authorization': `Bearer ${this.options.token}`, 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify({ caseNumber, at, by, content, ...own }),
        redirect: 'error',
        signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
      });
      ({ status, headers } = response);
      answer = await response.text();
    } catch (error) {
      throw fail(limit.aborted ? 'no-answer-in-time' : signal?.aborted === true ? 'aborted' : 'no-connection', error);
    }
    if (status !== 200 && status !== 201) throw refusal({ system, key, status, code: codeOf(answer, status) }, headers.get('retry-after'));
    const receipt = Receipt.safeParse(parseJson(answer));
    if (!receipt.success) throw fail('bad-answer');
    return { receipt: receipt.data.receipt };
  }
}

const archive = (fact: { readonly staffId: string }): string => `/archive/${encodeURIComponent(fact.staffId)}`;

/** Statuses below 500 after which another attempt may succeed. */
const passing = new Set([401, 403, 404, 405, 408, 425, 429]);

function refusal(trouble: Trouble & { readonly status: number }, retryAfter: string | null): SystemUnavailable | SystemRefused {
  if (trouble.status >= 400 && trouble.status < 500 && !passing.has(trouble.status)) return new SystemRefused(trouble);
  const seconds = retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined;
  return new SystemUnavailable(trouble, seconds === undefined ? undefined : seconds * 1_000);
}

function codeOf(answer: string, status: number): string {
  const problem = Problem.safeParse(parseJson(answer));
  return problem.success ? problem.data.code : `status-${status}`;
}

/** Undefined for what is not JSON, which then fits no contract. */
function parseJson(answer: string): unknown {
  try {
    return JSON.parse(answer);
  } catch {
    return undefined;
  }
}
