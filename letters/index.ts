export { CannotWrite, chineseDate, letterContent, type LetterContent, type LetterRequest } from './content';
export { letterKindNames, letterKinds, type LetterFields, type LetterKind } from './kinds';
export { LetterNumbers, type LetterNumber } from './numbers';
export { BadTemplate, LetterRenderer } from './render';
export { loadShortNames, shortNameOf, type ShortNames } from './short-names';
