// One request, one job: a request with an Idempotency-Key writes down its key and its id before anything else, so that
// whoever comes with the same key finds out what became of it, or goes on where it fell silent.
import { type Documents, type IdempotencyRecord, JobError } from '@impasto/shared';
import { v4 as uuidv4 } from 'uuid';
import { onlyOwner } from '../submit/only-owner.ts';
import { idempotencyName } from './idempotency-key.ts';

/** The right of one request to speak for its key, until somebody else takes it over. */
export interface Claim {
  /** ISO date at which whatever is recorded was created: the same for all who record it. */
  readonly createdAt: string;
  /** Whether the request has a key at all: without one nobody can come after it. */
  readonly keyed: boolean;
  /**
   * Whether an earlier request fell silent before anybody could see what it had recorded. It may still wake up, so what is
   * recorded now must be marked as confirmed: then it cannot withdraw it.
   */
  readonly takenOver: boolean;
  /**
   * Gives the key back, for a request that ends in a refusal: the next one begins anew, with another id.
   * @returns false where somebody else goes on with this id. Then nothing that belongs to it may be removed.
   */
  release(): Promise<boolean>;
  /** Keeps the key although the request fails: nobody can tell whether the storage will yet carry out its writes. */
  keep(): void;
}

/** What is to happen once. */
export interface Undertaking<T> {
  readonly kind: IdempotencyRecord['kind'];
  /** Of all that was asked for; see `fingerprintOf`. */
  readonly fingerprint: string;
  /**
   * Looks for what was recorded under an id. What it gives back its caller is told of, so it must see to it first that no
   * other request withdraws it any more; `withdrawn` is what another request has been told is not taken.
   */
  readonly recall: (id: string) => Promise<T | 'withdrawn' | undefined>;
  /** Records it under this id. Where that fails the key is given back, unless it was taken over or is to be kept. */
  readonly takeIn: (id: string, claim: Claim) => Promise<T>;
}

/**
 * @throws JobError `idempotency_key_reused`, `idempotency_in_flight`, and what the undertaking throws.
 */
export type Once = <T>(
  key: string | undefined,
  undertaking: Undertaking<T>,
) => Promise<{ readonly outcome: T; readonly replayed: boolean }>;

/**
 * Another one may go on for a request that has recorded nothing for so long. It need not have ended: one call to the
 * storage may take longer, with its repeats. Both may go on then, since they write under the same id and what one of them
 * confirmed the other cannot withdraw.
 */
export const silentSeconds = 20;
/** Nobody who does the same as we is met so often in a row. */
const mostEncounters = 5;

export function makeOnce({ idempotencyKeys }: Pick<Documents, 'idempotencyKeys'>): Once {
  async function begin<T>(
    name: string,
    { id, createdAt, claim: mine }: IdempotencyRecord,
    takenOver: boolean,
    { takeIn }: Undertaking<T>,
  ) {
    let isKept = false;
    async function release(): Promise<boolean> {
      const found = await idempotencyKeys.get(name);
      if (!found) return true;
      if (found.value.claim !== mine) return false;
      return await idempotencyKeys.delete(name, { version: found.version });
    }
    const keep = () => {
      isKept = true;
    };
    try {
      const claim = { createdAt, keyed: true, takenOver, release, keep };
      return { outcome: await takeIn(id, claim), replayed: false };
    } catch (error) {
      // Where this fails, too, the next one with this key finds the claim silent. One that was taken over stays: whoever
      // had it before may yet record something under its id.
      if (!isKept && !takenOver) await release().catch(() => {});
      throw error;
    }
  }

  return async (key, undertaking) => {
    if (key === undefined) return { outcome: await undertaking.takeIn(uuidv4(), unkeyed()), replayed: false };
    const { kind, fingerprint, recall } = undertaking;
    const name = idempotencyName(onlyOwner, key);
    for (let encounters = 0; encounters < mostEncounters; encounters += 1) {
      const mine = { kind, id: uuidv4(), fingerprint, createdAt: new Date().toISOString(), claim: uuidv4() };
      if (await idempotencyKeys.create(name, mine)) return await begin(name, mine, false, undertaking);
      const found = await idempotencyKeys.get(name);
      if (!found) continue;
      const { value, version, ageSeconds } = found;
      if (value.kind !== kind || value.fingerprint !== fingerprint) throw reused();
      const earlier = await recall(value.id);
      if (earlier !== undefined && earlier !== 'withdrawn') return { outcome: earlier, replayed: true };
      const takenOver = earlier === undefined;
      if (takenOver && ageSeconds < silentSeconds) throw inFlight();
      const next = takenOver ? { ...value, claim: mine.claim } : mine;
      if (await idempotencyKeys.replace(name, next, version))
        return await begin(name, next, takenOver, undertaking);
    }
    throw inFlight();
  };
}

function unkeyed(): Claim {
  const createdAt = new Date().toISOString();
  return { createdAt, keyed: false, takenOver: false, release: async () => true, keep() {} };
}

function reused(): JobError {
  return new JobError(
    'idempotency_key_reused',
    'Expected the same request as before for this Idempotency-Key, received another one',
  );
}

/** The request with this key is still being taken: it is to be asked again in a second. */
export function inFlight(): JobError {
  return new JobError(
    'idempotency_in_flight',
    'Expected the earlier request with this Idempotency-Key to have been answered, found it under way',
    { retryAfterSeconds: 1 },
  );
}
