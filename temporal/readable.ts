/**
 * Words meant for whoever reads Temporal's lists and histories: the summary of a workflow, a timer, an activity, the current details of a case. Everything else that leaves for Temporal
 * is sealed, also a bare text, so nothing stays readable but what was marked here; whoever marks a text keeps personal data out of it.
 *
 * The mark is a character that no keyboard writes (WORD JOINER, U+2060) before the text; the codec takes it away, so history holds the words alone.
 * Pure: bundled with the workflows.
 */
const mark = '\u2060';

/** The text, marked as readable. */
export const readable = (words: string): string => (words.startsWith(mark) ? words : mark + words);

/** `"` and the mark, as JSON text in UTF-8. */
const markedBegin = [0x22, 0xe2, 0x81, 0xa0] as const;

/** Longer words are no summary. */
const limitBytes = 4_096;

/** The JSON text of marked words without its mark; undefined for anything else. */
export function wordsIn(json: Uint8Array): Uint8Array | undefined {
  if (json.length > limitBytes || markedBegin.some((byte, index) => json[index] !== byte)) return undefined;
  const words = new Uint8Array(json.length - markedBegin.length + 1);
  words[0] = 0x22;
  words.set(json.subarray(markedBegin.length), 1);
  return words;
}

/** A description of a workflow: its definition, which is its code's, and its current details. */
interface Described {
  readonly definition: object;
  readonly currentDetails: string;
}

/** Longer is no description. */
const describedLimitBytes = 65_536;

/**
 * The description of a workflow, as the UI asks for it, with its marked details bare; undefined for anything else. It is an answer to a query, so it lies
 * in no database; unsealed it lets a manager read where a case stands without a log-in.
 */
export function detailsIn(json: Uint8Array): Uint8Array | undefined {
  if (json.length > describedLimitBytes || !describedBegin.every((byte, index) => json[index] === byte)) return undefined;
  const described = JSON.parse(utf8Of(json)) as Described;
  if (Object.keys(described).length !== 2 || typeof described.currentDetails !== 'string' || !described.currentDetails.startsWith(mark)) return undefined;
  return new TextEncoder().encode(JSON.stringify({ definition: described.definition, currentDetails: described.currentDetails.slice(mark.length) }));
}

const describedBegin = new TextEncoder().encode('{"definition":{"type":"');
const utf8Of = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
