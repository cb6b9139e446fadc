// The wait that a caller prefers (RFC 7240): how many seconds an answer may be held back until the job is done.
import type { HttpRequest } from '@azure/functions';
import { isDone, type StoredJob } from '@impasto/shared';

/** Longer waits are cut to this, in seconds: gateways on the way give up on answers that take minutes. */
export const mostWaitSeconds = 60;

/**
 * The value of `wait` in the `Prefer` headers of a request, whole seconds, 0 to 60. Of several the first counts.
 * @returns undefined where there is none, or one that is no number of seconds: a preference never makes a request fail.
 */
export function preferredWaitSeconds(request: Pick<HttpRequest, 'headers'>): number | undefined {
  for (const preference of splitOutsideQuotes(request.headers.get('prefer') ?? '', ',')) {
    const [first = ''] = splitOutsideQuotes(preference, ';');
    const equals = first.indexOf('=');
    const name = equals < 0 ? first : first.slice(0, equals);
    if (name.trim().toLowerCase() === 'wait')
      return equals < 0 ? undefined : secondsIn(first.slice(equals + 1));
  }
  return undefined;
}

/** What the answer says where the preference was followed: the job is done, or was waited for as long as that. */
export function preferenceApplied(
  seconds: number | undefined,
  { job }: Pick<StoredJob, 'job'>,
  waitedSeconds: number,
): { readonly 'Preference-Applied'?: string } {
  return preferenceFollowed(seconds, isDone(job), waitedSeconds);
}

/** A timer may ring a little early by another clock. */
const timerSeconds = 0.05;

/** The same for whatever else can be waited for. */
export function preferenceFollowed(
  seconds: number | undefined,
  isOver: boolean,
  waitedSeconds: number,
): { readonly 'Preference-Applied'?: string } {
  const isFollowed = seconds !== undefined && (isOver || waitedSeconds >= seconds - timerSeconds);
  return isFollowed ? { 'Preference-Applied': `wait=${seconds}` } : {};
}

/** A value may be quoted; what an unended quotation begins belongs to it up to the end. */
function splitOutsideQuotes(text: string, separator: ',' | ';'): string[] {
  const part = separator === ',' ? /(?:"(?:[^"\\]|\\.)*"?|[^",])+/g : /(?:"(?:[^"\\]|\\.)*"?|[^";])+/g;
  return text.match(part) ?? [];
}

function secondsIn(word: string): number | undefined {
  const value = word.trim();
  const plain = /^"(.*)"$/.exec(value)?.[1]?.replace(/\\(.)/g, '$1') ?? value;
  return /^\d+$/.test(plain) ? Math.min(Number(plain), mostWaitSeconds) : undefined;
}
