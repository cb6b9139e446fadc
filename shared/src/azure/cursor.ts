// Where the next page of a listing begins, as callers get to see it: the storage's own marker, wrapped.
import { z } from 'zod';
import { JobError } from '../errors.ts';

const cursorSchema = z.object({ marker: z.string().min(1) });

export function cursorOf(marker: string): string {
  return Buffer.from(JSON.stringify({ marker })).toString('base64url');
}

/** @throws JobError `invalid_cursor`. */
export function markerOf(cursor: string): string {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString())).marker;
  } catch (error) {
    throw invalidCursor(error);
  }
}

export function invalidCursor(cause: unknown): JobError {
  return new JobError('invalid_cursor', 'Expected a cursor from an earlier page, received another text', {
    cause,
  });
}
