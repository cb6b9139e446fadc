// Storage calls that have to get through: repeated for as long as the storage is out, within reason. A finished picture
// is worth waiting for, and an outage shall use up no job's attempts.
import { JobError } from '@impasto/shared';
import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';

const isOutage = (error: unknown): boolean =>
  error instanceof JobError && error.code === 'storage_unavailable';

const backoff = new ExponentialBackoff({ initialDelay: 200, maxDelay: 3_000 });

/**
 * @param seconds how long it goes on trying.
 * @param signal ends it early.
 * @param onOutage hears of each try that found the storage out.
 * @throws what the last try threw; at once whatever is no outage.
 */
export function patiently<T>(
  seconds: number,
  signal: AbortSignal,
  call: () => Promise<T>,
  onOutage?: () => void,
): Promise<T> {
  // A deadline and no AbortSignal.timeout: combined with another signal, that one can be collected before its time has
  // come (nodejs/node#62367).
  const endsAtMs = performance.now() + seconds * 1000;
  const mayTryAgain = (error: unknown): boolean => {
    if (!isOutage(error)) return false;
    onOutage?.();
    return performance.now() < endsAtMs;
  };
  const policy = retry(handleWhen(mayTryAgain), { maxAttempts: Number.MAX_SAFE_INTEGER, backoff });
  return policy.execute(call, signal);
}
