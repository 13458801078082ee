export { CaseFile } from './case-file';
export { conductCase, type Procedure } from './conduct';
export { nearestImpartial, whoDecides, whoSupervises } from './recusal';
export { returned, untilAccepted } from './returns';
