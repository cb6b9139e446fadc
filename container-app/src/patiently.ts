// Storage calls that have to get through: repeated for as long as the storage is out, within reason. A finished picture
// is worth waiting for, and an outage shall use up no job's attempts.
import { JobError } from '@impasto/shared';
import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';

const isOutage = (error: unknown): boolean =>
  error instanceof JobError && error.code === 'storage_unavailable';

const policy = retry(handleWhen(isOutage), {
  maxAttempts: Number.MAX_SAFE_INTEGER,
  backoff: new ExponentialBackoff({ initialDelay: 200, maxDelay: 3_000 }),
});

/**
 * @param seconds how long it goes on trying.
 * @param signal ends it early.
 * @throws what the last try threw; at once whatever is no outage.
 */
export function patiently<T>(seconds: number, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  return policy.execute(call, AbortSignal.any([signal, AbortSignal.timeout(Math.round(seconds * 1000))]));
}
