import { MongoServerError } from 'mongodb';

/** Whether a write was refused because another document has its id or a unique field already. */
export const isDuplicateKey = (error: unknown): boolean => error instanceof MongoServerError && error.code === 11000;
