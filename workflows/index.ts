/** One durable workflow per case type; the worker registers what is exported here. */
export { complaint } from './complaint';
export { incidentReview } from './incident-review';
export { referral } from './referral';
export { rectification } from './rectification';
export { dispute } from './dispute';
