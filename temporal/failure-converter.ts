import { DefaultFailureConverter } from '@temporalio/common';

/**
 * Messages and stack traces of failures go through the codec too: a message may quote what an officer wrote.
 * Loaded by path, also into the workflow bundle, so it imports nothing but the SDK.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
