import type { DataConverter, Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { CannotOpen, type Keyring } from '../crypto/keyring';
import { detailsIn, wordsIn } from './readable';

const ENCODING = 'binary/encrypted';
/** What a payload is sealed for. Not bound to a workflow: a payload of one case is handed on to another; whose it was stands inside (see below). */
const PURPOSE = 'temporal';
/** Metadata of the payload inside the seal: the workflow, which is the case, that it was written for. Whoever opens it for a reader goes by this. */
const CASE = 'wenze-case';
const utf8 = new TextEncoder();
const { Payload: PayloadProto } = temporal.api.common.v1;

const textOf = (bytes: Uint8Array | null | undefined): string | undefined => (bytes == null ? undefined : Buffer.from(bytes).toString('utf8'));
const encodingOf = (payload: Payload): string | undefined => textOf(payload.metadata?.['encoding']);

/** Whether a payload was sealed by {@link KeyringCodec}. */
export function isSealed(payload: Payload): boolean {
  return encodingOf(payload) === ENCODING;
}

/** A payload opened, and the case it was written for where it says so. */
export interface Opened {
  readonly payload: Payload;
  readonly caseNumber?: string;
}

/**
 * Seals what leaves for Temporal — arguments, results, memos, failures — so that its database and its backups
 * hold no complainant and no person concerned in plain text (AES-256-GCM, the key's id in the clear beside it).
 * Only words marked as readable, the summaries and details of the UI, stay so.
 * What was not sealed is handed through on decoding: a case begun before sealing goes on.
 */
export class KeyringCodec implements PayloadCodec {
  constructor(private readonly keyring: Keyring) {}

  encode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    return settle(() => payloads.map((payload) => this.encodeOne(payload, context?.workflowId)));
  }

  private encodeOne(payload: Payload, caseNumber: string | undefined): Payload {
    const words = encodingOf(payload) === 'json/plain' && payload.data != null ? wordsIn(payload.data) ?? detailsIn(payload.data) : undefined;
    if (words !== undefined) return { metadata: payload.metadata ?? {}, data: words };
    const inner = caseNumber === undefined ? payload : { ...payload, metadata: { ...payload.metadata, [CASE]: utf8.encode(caseNumber) } };
    return {
      metadata: { encoding: utf8.encode(ENCODING), 'encryption-key-id': utf8.encode(this.keyring.currentKeyId) },
      data: this.keyring.seal(PayloadProto.encode(inner).finish(), PURPOSE),
    };
  }

  /** @throws CannotOpen when a sealed payload was changed or its key is not in the ring */
  decode(payloads: Payload[]): Promise<Payload[]> {
    return settle(() => payloads.map((payload) => (isSealed(payload) ? this.open(payload).payload : payload)));
  }

  /** Opens one sealed payload. @throws CannotOpen */
  open(sealed: Payload): Opened {
    if (!isSealed(sealed) || sealed.data == null) throw new CannotOpen('not-sealed');
    // A plain copy: the SDK compares payloads structurally and a message class instance is not one to it.
    const { metadata, data } = PayloadProto.decode(this.keyring.open(sealed.data, PURPOSE));
    const { [CASE]: owner, ...rest } = metadata ?? {};
    const caseNumber = textOf(owner);
    return { payload: { metadata: rest, data }, ...(caseNumber === undefined ? {} : { caseNumber }) };
  }
}

/** Module of the failure converter, for bundles. */
export const failureConverterPath = require.resolve('./failure-converter');

/** Module that marks the summaries of procedures as readable, for bundles. */
export const summariesPath = require.resolve('./summaries');

async function settle<T>(work: () => T): Promise<T> {
  return Promise.resolve(work());
}

/**
 * The data converter of every client and worker: pass it to `new Client({ dataConverter })`, `Worker.create({ dataConverter })`, and its
 * `failureConverterPath` to `bundleWorkflowCode`. A client without it reads only ciphertext.
 */
export function createDataConverter(keyring: Keyring): DataConverter & { readonly failureConverterPath: string; readonly payloadCodecs: PayloadCodec[] } {
  return { failureConverterPath, payloadCodecs: [new KeyringCodec(keyring)] };
}
