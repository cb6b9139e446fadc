// How long the other side asks to be left alone.

/** Longer pauses are cut to this. */
const longestSeconds = 24 * 3600;

const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Seconds that an answer asks to wait (RFC 9110, 10.2.3), at most a day: whole seconds or an HTTP date; undefined
 * where the header is absent or is neither. A date is held against the answer's own `Date`, not against our clock.
 */
export function retryAfterSeconds(headers: Headers): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text), longestSeconds);
  if (!httpDate.test(text)) return undefined;
  const untilMs = Date.parse(text);
  if (Number.isNaN(untilMs)) return undefined;
  const answeredMs = Date.parse(headers.get('date') ?? '');
  const seconds = (untilMs - (Number.isNaN(answeredMs) ? Date.now() : answeredMs)) / 1000;
  return Math.min(Math.max(seconds, 0), longestSeconds);
}
