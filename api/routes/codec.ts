import type { Payload } from '@temporalio/common';
import { KeyringCodec } from '../../temporal/codec';
import { CodecCookie } from '../codec/cookie';
import { codecLoginPage } from '../codec/pages';
import { openFor, type Tally } from '../codec/opening';
import type { contract } from '../contract';
import type { PayloadDto } from '../contract/codec-routes';
import type { Call, Reply } from '../http/bind';
import { credentialOf, unauthenticated } from '../http/gates';
import type { Service } from '../parts';
import { instant, subjectOf } from '../present/case';
import { recordAccess, type Asking } from './find-case';

type DecodeRoute = typeof contract.decodePayloads;
type OpenRoute = typeof contract.openCodecSession;
type CloseRoute = typeof contract.closeCodecSession;

/** The cookie of the codec routes, as this installation is reached. */
export const codecCookie = ({ annexes, temporalUiUrl }: Pick<Service, 'annexes' | 'temporalUiUrl'>): CodecCookie =>
  new CodecCookie(annexes.keyring, temporalUiUrl?.startsWith('https:') ?? false);

/** POST /v1/codec/decode */
export const decodePayloads = (service: Service) => {
  const codec = new KeyringCodec(service.annexes.keyring);
  return async (call: Call<DecodeRoute>): Promise<Reply<DecodeRoute>> => {
    const { payloads, tallies } = await openFor(call.caller, call.body.payloads.map(fromDto), {
      codec, access: service.access,
      findSubject: async (caseNumber) => {
        const view = await service.store.cases.findView(caseNumber);
        return view === null ? null : subjectOf(view);
      },
    });
    await Promise.all(tallies.map((tally) => recordOpening(service, { caller: call.caller, requestId: call.requestId }, tally)));
    // What stays sealed goes back as it came, with all it had.
    return { status: 200, body: { payloads: payloads.map((payload, index) => toDto(payload, call.body.payloads[index])) } };
  };
};

/** An unmasking for each case: how many payloads were opened, or why they were not. */
function recordOpening(service: Service, asking: Asking, { caseNumber, refused, count }: Tally): Promise<void> {
  return recordAccess(service, asking, 'personal.unmask', { caseNumber, outcome: refused === undefined ? 'allowed' : 'refused', reason: `${refused ?? 'history'}:${count}` });
}

const bytes = (text: string): Uint8Array => Buffer.from(text, 'base64');
const base64 = (value: Uint8Array): string => Buffer.from(value).toString('base64');

function fromDto(dto: PayloadDto): Payload {
  return {
    ...(dto.metadata === undefined ? {} : { metadata: Object.fromEntries(Object.entries(dto.metadata).map(([key, value]) => [key, bytes(value)])) }),
    ...(dto.data === undefined ? {} : { data: bytes(dto.data) }),
  };
}

function toDto(payload: Payload, sent: PayloadDto | undefined): PayloadDto {
  return {
    ...sent,
    ...(payload.metadata == null ? {} : { metadata: Object.fromEntries(Object.entries(payload.metadata).map(([key, value]) => [key, base64(value)])) }),
    ...(payload.data == null ? {} : { data: base64(payload.data) }),
  };
}

/** POST /v1/codec/session */
export const openCodecSession = (service: Service) => async (call: Call<OpenRoute>): Promise<Reply<OpenRoute>> => {
  const answer = await service.identity.login(call.body.username, call.body.password);
  if (!answer.ok) throw unauthenticated(answer.reason, answer.retryAfterSeconds);
  const { token, expiresAt, caller } = answer.session;
  await recordAccess(service, { caller, requestId: call.requestId }, 'session.open', { caseNumber: null, outcome: 'allowed', reason: 'codec' });
  return {
    status: 201, headers: { 'Set-Cookie': codecCookie(service).begin({ token, expiresAt }, service.now()), 'Cache-Control': 'no-store' },
    body: {
      name: caller.name, mayUnmask: service.access.may(caller, 'history.unmask').allowed, mustChangePassword: caller.mustChangePassword ?? false,
      expiresAt: instant(expiresAt), ui: service.temporalUiUrl ?? null,
    },
  };
};

/** DELETE /v1/codec/session */
export const closeCodecSession = (service: Service) => async (call: Call<CloseRoute>): Promise<Reply<CloseRoute>> => {
  const credential = credentialOf(call.raw);
  if (credential !== undefined) await service.identity.logout(credential);
  return { status: 204, headers: { 'Set-Cookie': codecCookie(service).end() } };
};

/** GET /v1/codec/login */
export const readCodecLogin = (): Reply<typeof contract.readCodecLogin> => ({ status: 200, body: codecLoginPage });
