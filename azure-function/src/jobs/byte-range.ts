// Range requests (RFC 9110, 14): a part of something whose length is known.
import type { HttpRequest } from '@azure/functions';
import { JobError } from '@impasto/shared';
import parseRange from 'range-parser';

export interface ByteRange {
  readonly offset: number;
  /** At least 1. */
  readonly count: number;
}

/**
 * The part that is asked for; undefined where the whole is to be sent: without a range, for one that makes no sense, for
 * several at once (which a server may refuse to cut), or for one of something that has changed since.
 * @param bytes length of the whole.
 * @param etag of the whole, for `If-Range`.
 * @throws JobError `range_not_satisfiable` where nothing of it lies within.
 */
export function rangeOf(request: HttpRequest, bytes: number, etag: string): ByteRange | undefined {
  const asked = request.headers.get('range');
  if (asked === null || request.method !== 'GET') return undefined;
  // Only a tag can match: we name no date.
  if ((request.headers.get('if-range') ?? etag) !== etag) return undefined;
  if (!isWellFormed(asked)) return undefined;
  const ranges = parseRange(bytes, isMoreThanAll(asked, bytes) ? 'bytes=0-' : asked);
  if (ranges === -2) return undefined;
  if (ranges === -1)
    throw new JobError('range_not_satisfiable', `Expected a range within 0-${bytes - 1}, received another`);
  const [first] = ranges;
  if (!first || ranges.length > 1) return undefined;
  return { offset: first.start, count: first.end - first.start + 1 };
}

/** One that is not is to be ignored: for the library `5x-7y` is a range, and one from 9 to 1 lies outside. */
function isWellFormed(ranges: string): boolean {
  const list = /^bytes=(.*)$/i.exec(ranges.trim())?.[1];
  return list?.split(',').every(isRange) ?? false;
}

function isRange(text: string): boolean {
  const [, first = '', last = ''] = /^(\d*)-(\d*)$/.exec(text.trim()) ?? [];
  if (first === '' || last === '') return first !== last;
  return Number(first) <= Number(last);
}

/** The last bytes, more of them than there are: that is everything, which the library takes for a mistake. */
function isMoreThanAll(range: string, bytes: number): boolean {
  const last = /^bytes=-(\d+)$/i.exec(range.trim())?.[1];
  return last !== undefined && Number(last) > bytes;
}
