import type { Request } from 'express';

/** The id of a request, as it stands in logs, problems and Temporal's history. */
export const requestIdOf = (request: Request): string => (typeof request.id === 'string' ? request.id : '');
