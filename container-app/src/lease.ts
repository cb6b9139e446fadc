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

export function holdLease(message: ReceivedMessage, { leaseSeconds, heartbeat, log }: LeaseOptions): Lease {
  // A timeout takes whole milliseconds only.
  const intervalMs = Math.round((leaseSeconds * 1000) / 3);
  const lost = new AbortController();
  const stopped = new AbortController();
  let messageIsOurs = true;

  async function renewMessage(signal: AbortSignal): Promise<void> {
    if (!messageIsOurs) return;
    try {
      await message.setVisibility(leaseSeconds, { signal });
    } catch (error) {
      // Whoever receives the message now finds a record that is alive, and leaves it alone.
      if (error instanceof LeaseLost) messageIsOurs = false;
      log.warn('lease.renewal_failed', { error: messageOf(error) });
    }
  }

  async function renewRecord(signal: AbortSignal): Promise<void> {
    try {
      if (!(await heartbeat(signal))) lost.abort(new LeaseLost('the record names another owner'));
    } catch (error) {
      log.warn('lease.heartbeat_failed', { error: messageOf(error) });
    }
  }

  async function keepAlive(): Promise<void> {
    while (!stopped.signal.aborted && !lost.signal.aborted) {
      await delay(intervalMs, undefined, { signal: stopped.signal }).catch(() => {});
      if (stopped.signal.aborted) return;
      // A storage that does not answer must not hold up the next renewal.
      const signal = AbortSignal.timeout(intervalMs);
      await Promise.all([renewMessage(signal), renewRecord(signal)]);
    }
  }

  const keepingAlive = keepAlive();

  // A renewal changes the receipt, so that the last word on the message must wait for one that is under way.
  async function settle(lastWord: () => Promise<void>): Promise<void> {
    stopped.abort();
    await keepingAlive;
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
