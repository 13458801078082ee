import type { Payload } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { isSealed, type KeyringCodec } from '../../temporal/codec';

const { History } = temporal.api.history.v1;
type History = temporal.api.history.v1.IHistory;

/** A history as JSON with its payloads opened and the machine it was recorded on left out, so that it can be replayed without keys. */
export async function openHistory(history: History, codec: KeyringCodec): Promise<string> {
  await openPayloads(history, codec);
  const plain = History.toObject(History.fromObject(history), { longs: String, enums: String, bytes: String });
  return JSON.stringify(plain, (key, value: unknown) => (key === 'identity' ? 'recorder' : value));
}

/** What {@link openHistory} wrote. @throws when it is no history */
export function readHistory(json: string): History {
  return History.fromObject(JSON.parse(json) as Record<string, unknown>);
}

/** Opens every sealed payload below `node`, in place. */
async function openPayloads(node: unknown, codec: KeyringCodec): Promise<void> {
  if (typeof node !== 'object' || node === null || node instanceof Uint8Array) return;
  const fields = node as Record<string, unknown>;
  for (const [name, value] of Object.entries(fields)) {
    if (isPayload(value) && isSealed(value)) [fields[name]] = await codec.decode([value]);
    else await openPayloads(value, codec);
  }
}

const isPayload = (value: unknown): value is Payload => typeof value === 'object' && value !== null && 'metadata' in value && 'data' in value;
