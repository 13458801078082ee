export { CaseFile } from './case-file';
export { conductCase, type Procedure } from './conduct';
