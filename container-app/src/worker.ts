// The loop: receive, process, again. It knows the ports only, and no error of a job or of the storage ends it.
import { setTimeout as delay } from 'node:timers/promises';
import { type JobQueue, type Logger, messageOf, type ReceivedMessage } from '@impasto/shared';
import { EngineLost } from './engine/engine.ts';
import type { OutageMemory } from './outage-memory.ts';
import type { MessageOutcome, ProcessMessage } from './process-message.ts';
import type { Reporter } from './reporter.ts';
import type { StopSignals } from './stop-signals.ts';
import type { WorkerMeter } from './worker-meter.ts';

interface WorkerOptions {
  readonly queue: JobQueue;
  readonly processMessage: ProcessMessage;
  readonly reporter: Pick<Reporter, 'jobStarted' | 'jobEnded'>;
  readonly leaseSeconds: number;
  readonly pollSeconds: number;
  readonly outages: OutageMemory;
  /** Told of each message as it is taken, and of what became of it: undefined where nobody knows. */
  readonly meter?: Pick<WorkerMeter, 'taken' | 'handled'>;
  readonly log: Logger;
}

/** An idle worker's next pause is this share of the time that it has been idle: whoever follows soon is taken soon. */
const pauseShare = 0.05;
const shortestPauseMs = 20;

/** So many messages of a later version in a row, and a worker makes room for that version. */
const mostNewerMessages = 5;

/**
 * Resolves once it was told to stop and the last job has had its last word, or when its time is over because a later
 * version of this code sends the messages.
 * @throws EngineLost when nothing can be painted here any more: a worker that went on would spend the attempts of every job.
 */
export async function runWorker(options: WorkerOptions, { stop, handBack }: StopSignals): Promise<void> {
  let idleSince = performance.now();
  let newerInARow = 0;
  while (!stop.aborted && newerInARow < mostNewerMessages) {
    const message = await receive(options, stop);
    if (message) {
      const outcome = await handle(options, message, handBack);
      newerInARow = outcome === 'newer' ? newerInARow + 1 : 0;
      if (outcome === 'engine_lost')
        throw new EngineLost('The engine could not be started again; its job was handed back');
      idleSince = performance.now();
    } else {
      const pauseMs = Math.max(shortestPauseMs, (performance.now() - idleSince) * pauseShare);
      const longestMs = options.pollSeconds * 1000;
      await delay(Math.min(pauseMs, longestMs), undefined, { signal: stop }).catch(() => {});
    }
  }
}

async function receive(
  { queue, leaseSeconds, outages, log }: WorkerOptions,
  stop: AbortSignal,
): Promise<ReceivedMessage | undefined> {
  try {
    // Not cut short by `stop`: an answer that is thrown away leaves its message invisible for the whole lease.
    return stop.aborted ? undefined : await queue.receive(leaseSeconds);
  } catch (error) {
    outages.note();
    log.error('receive.failed', { error: messageOf(error) });
    return undefined;
  }
}

async function handle(
  options: WorkerOptions,
  message: ReceivedMessage,
  handBack: AbortSignal,
): Promise<MessageOutcome['outcome'] | undefined> {
  const { processMessage, reporter, meter, log } = options;
  reporter.jobStarted(message);
  meter?.taken(message);
  try {
    const { outcome, seconds } = await processMessage(message, handBack);
    reporter.jobEnded(seconds);
    meter?.handled(outcome);
    return outcome;
  } catch (error) {
    // Nothing is known about the job: its message comes back when the lease is over.
    reporter.jobEnded();
    meter?.handled(undefined);
    log.error('process.failed', { error });
    return undefined;
  }
}
