import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { CannotOpen, type Keyring } from '../crypto/keyring';

const ENCODING = 'binary/encrypted';
/** What a payload is sealed for. Not bound to a workflow: the codec endpoint and child workflows see payloads without knowing whose they are. */
const PURPOSE = 'temporal';
const utf8 = new TextEncoder();
const { Payload: PayloadProto } = temporal.api.common.v1;

/** Whether a payload was sealed by {@link KeyringCodec}. */
export function isSealed(payload: Payload): boolean {
  const encoding = payload.metadata?.['encoding'];
  return encoding != null && Buffer.from(encoding).toString('utf8') === ENCODING;
}

const PLAIN_TEXT_LIMIT = 4_096;

/**
 * Whether a payload is a bare text. Summaries and details are the words a manager reads in the Temporal UI, and are bare texts; every argument,
 * result, memo and signal of ours is an object. So bare texts stay readable, and whoever writes one keeps personal data out of it.
 */
function isBareText(payload: Payload): boolean {
  const encoding = payload.metadata?.['encoding'];
  return encoding != null && Buffer.from(encoding).toString('utf8') === 'json/plain'
    && payload.data != null && payload.data.length <= PLAIN_TEXT_LIMIT && payload.data[0] === 0x22;
}

/**
 * Seals what leaves for Temporal — arguments, results, memos, failures — so that its database and its backups
 * hold no complainant and no person concerned in plain text (AES-256-GCM, the key's id in the clear beside it).
 * Only bare texts, the summaries and details of the UI, stay readable.
 * What was not sealed is handed through on decoding: a case begun before sealing goes on.
 */
export class KeyringCodec implements PayloadCodec {
  constructor(private readonly keyring: Keyring) {}

  encode(payloads: Payload[]): Promise<Payload[]> {
    return settle(() => payloads.map((payload) => isBareText(payload) ? payload : ({
      metadata: { encoding: utf8.encode(ENCODING), 'encryption-key-id': utf8.encode(this.keyring.currentKeyId) },
      data: this.keyring.seal(PayloadProto.encode(payload).finish(), PURPOSE),
    })));
  }

  /** @throws CannotOpen when a sealed payload was changed or its key is not in the ring */
  decode(payloads: Payload[]): Promise<Payload[]> {
    return settle(() => payloads.map((payload) => {
      if (!isSealed(payload)) return payload;
      if (payload.data == null) throw new CannotOpen('not-sealed');
      // A plain copy: the SDK compares payloads structurally and a message class instance is not one to it.
      const { metadata, data } = PayloadProto.decode(this.keyring.open(payload.data, PURPOSE));
      return { metadata, data };
    }));
  }
}

/** Module of the failure converter, for bundles. */
export const failureConverterPath = require.resolve('./failure-converter');

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
