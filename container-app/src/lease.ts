// The right to work on one message, kept alive while the work goes on.
//
// The lease has two halves: the message's visibility, which keeps others from receiving it, and the record, whose age
// tells others that its owner lives. Both are renewed at a third of the time. The record decides: a renewal that
// fails is no verdict (its answer may just have been lost), while a record that names another owner ends the work.
import { setTimeout as delay } from 'node:timers/promises';
import { LeaseLost, type Logger, messageOf, type ReceivedMessage } from '@impasto/shared';

export interface Lease {
  /** Aborts, with a LeaseLost as its reason, once the job is no longer ours. */
  readonly lost: AbortSignal;
  /** Stops renewing and removes the message. */
  acknowledge(): Promise<void>;
  /** Stops renewing and lets others have the message after so many seconds. */
  release(delaySeconds: number): Promise<void>;
  /** Stops renewing; without a last word the message comes back by itself. After a last word it does nothing. */
  stop(): Promise<void>;
}

interface LeaseOptions {
  readonly leaseSeconds: number;
  /** Marks the record as alive. @returns whether the job is still ours. */
  readonly heartbeat: (signal: AbortSignal) => Promise<boolean>;
  readonly log: Logger;
}

/** Pause after a renewal that failed. */
const afterFailureMs = 1_000;
/** How long a last word waits for a renewal that is under way. */
const longestWaitMs = 3_000;

export function holdLease(message: ReceivedMessage, { leaseSeconds, heartbeat, log }: LeaseOptions): Lease {
  // A timeout takes whole milliseconds only.
  const intervalMs = Math.round((leaseSeconds * 1000) / 3);
  const lost = new AbortController();
  const stopped = new AbortController();
  let messageIsOurs = true;

  /** The renewal that is under way. */
  let renewing = new AbortController();

  /** @returns whether the storage could be told. */
  async function renewMessage(signal: AbortSignal): Promise<boolean> {
    if (!messageIsOurs) return true;
    try {
      await message.setVisibility(leaseSeconds, { signal });
      return true;
    } catch (error) {
      // Whoever receives the message now finds a record that is alive, and leaves it alone.
      messageIsOurs = !(error instanceof LeaseLost);
      log.warn('lease.renewal_failed', { error: messageOf(error) });
      return !messageIsOurs;
    }
  }

  /** @returns whether the storage could be told. */
  async function renewRecord(signal: AbortSignal): Promise<boolean> {
    try {
      if (!(await heartbeat(signal))) lost.abort(new LeaseLost('the record names another owner'));
      return true;
    } catch (error) {
      log.warn('lease.heartbeat_failed', { error: messageOf(error) });
      return false;
    }
  }

  async function renew(): Promise<boolean> {
    renewing = new AbortController();
    // A storage that does not answer must not hold up the next renewal.
    const timer = setTimeout(() => renewing.abort(), intervalMs);
    const told = await Promise.all([renewMessage(renewing.signal), renewRecord(renewing.signal)]);
    clearTimeout(timer);
    return told.every(Boolean);
  }

  async function keepAlive(): Promise<void> {
    let pauseMs = intervalMs;
    while (!stopped.signal.aborted && !lost.signal.aborted) {
      await delay(pauseMs, undefined, { signal: stopped.signal }).catch(() => {});
      if (stopped.signal.aborted) return;
      // When an outage ends, whoever says first that he lives keeps his job.
      pauseMs = (await renew()) ? intervalMs : Math.min(intervalMs, afterFailureMs);
    }
  }

  const keepingAlive = keepAlive();

  // A renewal changes the receipt, so that the last word on the message must wait for one that is under way.
  async function settle(lastWord: () => Promise<void>): Promise<void> {
    stopped.abort();
    const hurry = setTimeout(() => renewing.abort(), longestWaitMs);
    await keepingAlive;
    clearTimeout(hurry);
    try {
      await lastWord();
    } catch (error) {
      // Unsettled, the message comes back when its time is over, and the record tells what to do with it.
      log.warn('lease.settling_failed', { error: messageOf(error) });
    }
  }

  return {
    lost: lost.signal,
    acknowledge: () => settle(() => message.remove()),
    release: (delaySeconds) => settle(() => message.setVisibility(delaySeconds)),
    stop: () => settle(async () => {}),
  };
}
