/** The mark by which Temporal and the case file know each other, kept in the data of the namespace: it goes into every backup of Temporal, and no case is touched for it. */
import type { Mark } from '../domain/mark';

const name = 'wenze-mark';
const form = /^([\w-]{1,64}):(\d{1,15}):(\d{1,15})$/;
const timeoutMs = 10_000;

/** The part of Temporal's connection that is used. */
interface Namespaces {
  withDeadline<T>(deadline: number, call: () => Promise<T>): Promise<T>;
  readonly workflowService: {
    describeNamespace(request: { readonly namespace: string }): Promise<{ readonly namespaceInfo?: { readonly data?: Readonly<Record<string, string>> | null } | null }>;
    updateNamespace(request: { readonly namespace: string; readonly updateInfo: { readonly data: Record<string, string> } }): Promise<unknown>;
  };
}

/** The mark in a namespace of Temporal. Its calls throw while the server is away, and for a caller that may not change the namespace. */
export class EngineMark {
  constructor(private readonly connection: Namespaces, private readonly namespace: string) {}

  async find(): Promise<Mark | null> {
    const { namespaceInfo } = await this.within(() => this.connection.workflowService.describeNamespace({ namespace: this.namespace }));
    const [, id, n, at] = form.exec(namespaceInfo?.data?.[name] ?? '') ?? [];
    return id === undefined ? null : { id, n: Number(n), at: Number(at) };
  }

  async write({ id, n, at }: Mark): Promise<void> {
    await this.within(() => this.connection.workflowService.updateNamespace({ namespace: this.namespace, updateInfo: { data: { [name]: `${id}:${n}:${at}` } } }));
  }

  private within<T>(call: () => Promise<T>): Promise<T> {
    return this.connection.withDeadline(Date.now() + timeoutMs, call);
  }
}
