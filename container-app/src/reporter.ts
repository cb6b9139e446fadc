// What this worker tells the world about itself: its state, now and every few seconds, and how long its jobs took.
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Logger,
  messageOf,
  type ReceivedMessage,
  type WorkerDirectory,
  type WorkerReport,
} from '@impasto/shared';

export interface Reporter {
  /** @param engine what it turned out to be. */
  ready(engine: Pick<WorkerReport, 'model' | 'executionProvider'>): void;
  /** @param figures what the next reports say, too. */
  note(figures: Pick<WorkerReport, 'modelLoadSeconds' | 'stageSeconds'>): void;
  /** @param message the one that brought the job: how long it had waited tells of a cold start. */
  jobStarted(message: Pick<ReceivedMessage, 'ageSeconds' | 'deliveries'>): void;
  /** @param seconds from claim to commit, when the job was completed. */
  jobEnded(seconds?: number): void;
  /**
   * Says goodbye; resolves once that is written, or could not be.
   * @param problem why it cannot go on, where that is the reason: an error code, which anybody may read.
   */
  stop(problem?: string): Promise<void>;
}

const everySeconds = 10;
const keptJobs = 20;
const gatherMs = 500;
const longestColdStartSeconds = 600;
/** A goodbye that the storage does not take holds up nobody for longer. */
const mostGoodbyeSeconds = 3;

/**
 * Reports at once that it is starting: a cold start can be seen while it lasts.
 * @param executionProvider the one that is asked for.
 * @param onColdStart told of the seconds that the message had waited for which this worker was started.
 */
export function makeReporter(
  workers: WorkerDirectory,
  { workerId, executionProvider }: Pick<WorkerReport, 'workerId' | 'executionProvider'>,
  log: Logger,
  onColdStart: (seconds: number) => void = () => {},
): Reporter {
  const stopped = new AbortController();
  const goodbye = new AbortController();
  let report: WorkerReport = {
    ...{ workerId, model: '', executionProvider },
    ...{ state: 'starting', recentJobSeconds: [] },
  };
  let writing = Promise.resolve();
  let busyBefore = false;
  let soon: NodeJS.Timeout | undefined;

  /** Changes the report; what changes shortly after another is written with it. */
  function publish(change: Partial<WorkerReport> = {}): void {
    report = { ...report, ...change };
    soon ??= setTimeout(write, gatherMs);
  }

  /** Writes the report as it is, after any write that is under way. */
  function write(): void {
    clearTimeout(soon);
    soon = undefined;
    const current = report;
    writing = writing
      .then(() => workers.publish(current, { signal: goodbye.signal }))
      .catch((error) => log.warn('report.not_written', { error: messageOf(error) }));
  }

  async function repeat(): Promise<void> {
    while (!stopped.signal.aborted) {
      await delay(everySeconds * 1000, undefined, { signal: stopped.signal }).catch(() => {});
      if (!stopped.signal.aborted) publish();
    }
  }

  write();
  workers.forgetOld().catch((error) => log.warn('report.not_tidied', { error: messageOf(error) }));
  const repeating = repeat();

  return {
    ready: ({ model, executionProvider }) => publish({ model, executionProvider, state: 'ready' }),
    note(figures) {
      // Written with the next report: what is only counted makes none of its own.
      report = { ...report, ...figures };
    },
    jobStarted({ ageSeconds, deliveries }) {
      // A first message that is older than this process, and that nobody had before, is what the process was started
      // for: its wait was the cold start. A much older one waited for something else, such as a machine to be on.
      const wokeUs = !busyBefore && deliveries === 1 && ageSeconds >= process.uptime();
      busyBefore = true;
      const isColdStart = wokeUs && ageSeconds < longestColdStartSeconds;
      if (isColdStart) onColdStart(ageSeconds);
      publish({ state: 'busy', ...(isColdStart && { coldStartSeconds: ageSeconds }) });
    },
    jobEnded(seconds) {
      const recent = seconds === undefined ? report.recentJobSeconds : [...report.recentJobSeconds, seconds];
      publish({ state: 'ready', recentJobSeconds: recent.slice(-keptJobs) });
    },
    async stop(problem) {
      stopped.abort();
      await repeating;
      publish(problem === undefined ? { state: 'stopped' } : { state: 'unhealthy', problem });
      write();
      const timer = setTimeout(() => goodbye.abort(), mostGoodbyeSeconds * 1000);
      await writing;
      clearTimeout(timer);
    },
  };
}
