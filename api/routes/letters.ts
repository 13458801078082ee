import { Readable } from 'node:stream';
import { checkFields } from '../../domain/case-definition';
import type { CaseView } from '../../domain/case-file';
import type { StandIn } from '../../domain/identity';
import { CannotWrite, letterContent, letterKindNames, letterKinds, shortNameOf, type LetterFields, type LetterKind } from '../../letters';
import type { contract } from '../contract';
import type { Call, Reply } from '../http/bind';
import type { Service } from '../parts';
import { problem } from '../problems';
import { addressOf, fileDocument, receiptOf } from './documents';
import { mayOrRefuse, readableCase, type Asking } from './find-case';
import { oneRequest, whileClaimed, type OneRequest } from './idempotency';
import { refuseUnlessOpen } from './messages';

type Route = typeof contract.issueLetter;
const mediaType = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

const isKind = (kind: string): kind is LetterKind => Object.hasOwn(letterKinds, kind);

/** POST /v1/cases/{caseNumber}/letters/{kind}: 201 once the letter has its number and is on the case. */
export const issueLetter = (service: Service) => async (call: Call<Route>): Promise<Reply<Route>> => {
  const asking = { caller: call.caller, requestId: call.requestId };
  const { caseNumber, kind } = call.params;
  const view = await readableCase(service, asking, caseNumber);
  const place = await mayOrRefuse(service, asking, 'letter.issue', view);
  await mayOrRefuse(service, asking, 'action.evidence', view);
  if (!isKind(kind)) throw problem('unknown-letter', `没有文书种类 ${kind}`, `no kind of letter "${kind}"`, { allowed: [...letterKindNames] });
  const checked = checkFields(letterKinds[kind].fields, call.body);
  if (!checked.ok) throw problem('invalid-fields', '文书字段不符合要求', 'the fields of the letter are not as they must be', { errors: checked.issues });
  const request = await oneRequest(service, call.caller, `letter:${caseNumber}:${kind}`, call.headers['idempotency-key'], call.body);
  return whileClaimed(service, request, () => issue(service, asking, { view, place, kind, fields: checked.value, request }));
};

interface Issue {
  readonly view: CaseView;
  readonly place: StandIn;
  readonly kind: LetterKind;
  readonly fields: LetterFields;
  readonly request: OneRequest;
}

async function issue(service: Service, asking: Asking, { view, place, kind, fields, request }: Issue): Promise<Reply<Route>> {
  const { documents, letters: { numbers, renderer, shortNames } } = service.annexes;
  const mark = `${shortNameOf(service.organs.get(place.organ), shortNames)}${letterKinds[kind].mark}`;
  if (!request.repeated) {
    refuseUnlessOpen(service, view, asking.caller, 'evidence');
    // Written once without its number: what cannot be written takes none.
    write(service, { kind, view, fields, organ: place.organ, number: '', at: service.now() });
  }
  const number = await numbers.allocate(request.key, mark, service.now());
  const known = request.repeated ? await documents.findLetter(view.caseNumber, number.text) : null;
  const letter = known !== null && known.filed !== null ? known : (await fileDocument(service, asking, view, place, {
    caseNumber: view.caseNumber, kind: 'letter', name: `${letterKinds[kind].title.zh} ${number.text}`, title: `${letterKinds[kind].title.zh} ${number.text}`,
    by: asking.caller.id, at: number.at, letter: { kind, number: number.text },
    // A letter to the complainant shows who complained.
    confidential: letterKinds[kind].addressee === 'complainant',
  }, Readable.from([renderer.render(kind, write(service, { kind, view, fields, organ: place.organ, number: number.text, at: number.at }))]))).document;
  return { status: 201, headers: { Location: addressOf(letter) }, body: { ...receiptOf(letter), mediaType, kind, number: number.text } };
}

function write(service: Service, request: Parameters<typeof letterContent>[0]): ReturnType<typeof letterContent> {
  try {
    return letterContent(request, service.law, service.organs);
  } catch (error) {
    if (!(error instanceof CannotWrite)) throw error;
    throw problem('invalid-fields', '文书无法按所给内容制作', error.message, { errors: [{ path: error.path, message: error.message }], allowed: [...error.allowed], cause: error });
  }
}
