// The key with which an identity signs addresses: asked for seldom, by one request however many want to sign.
import type { BlobServiceClient, UserDelegationKey } from '@azure/storage-blob';
import { JobError } from '../errors.ts';
import { limited } from './call-limits.ts';
import { toStorageError } from './storage-errors.ts';

/** @returns a key that is good until then at least. */
export type DelegationKey = (until: Date) => Promise<UserDelegationKey>;

const hour = 3600 * 1000;
const keyLifeMs = 6 * hour;
/** With so much left a new one is asked for, while the old one goes on signing. */
const renewalMs = 2 * hour;
/** A key holds from a little before now: the storage's clock may be behind ours. */
const skewMs = 15 * 60 * 1000;
/** After a request that failed: until then callers hear so at once instead of waiting for another. */
const pauseMs = 30 * 1000;
const requestSeconds = 5;

type Service = Pick<BlobServiceClient, 'getUserDelegationKey'>;

/** @param clock milliseconds since 1970. */
export function makeDelegationKey(service: Service, clock: () => number = Date.now): DelegationKey {
  let current: UserDelegationKey | undefined;
  let underWay: Promise<UserDelegationKey> | undefined;
  let failure: { readonly error: JobError; readonly until: number } | undefined;

  async function request(): Promise<UserDelegationKey> {
    const [from, to] = [new Date(clock() - skewMs), new Date(clock() + keyLifeMs)];
    try {
      // No caller's own signal: others wait for the same answer.
      current = await service.getUserDelegationKey(from, to, limited({}, requestSeconds));
      return current;
    } catch (thrown) {
      const error = unavailable(thrown);
      failure = { error, until: clock() + pauseMs };
      throw error;
    }
  }

  function renew(): Promise<UserDelegationKey> {
    if (failure && clock() < failure.until) return Promise.reject(failure.error);
    underWay ??= request().finally(() => {
      underWay = undefined;
    });
    return underWay;
  }

  return async (until) => {
    const end = current?.signedExpiresOn.getTime() ?? 0;
    const renewal = end - clock() < renewalMs ? renew() : undefined;
    if (!current || end < until.getTime()) return await (renewal ?? renew());
    // Whoever has a key that will do does not care how its renewal ends.
    renewal?.catch(() => {});
    return current;
  };
}

/** Rights that are missing, an identity that cannot log in: all of it can be mended, and nothing of it is the caller's. */
function unavailable(thrown: unknown): JobError {
  const error = toStorageError(thrown, 'asking for a key to sign addresses with', {});
  if (error instanceof JobError && error.code === 'storage_unavailable') return error;
  const { message } = error instanceof Error ? error : new Error(String(error));
  return new JobError('storage_unavailable', message, { cause: thrown });
}
