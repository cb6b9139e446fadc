// When to stop: SIGTERM or SIGINT, or a parent process that is gone. First no more messages; then, when the time for
// the running job is over, that job has to be given back; last, when not even that comes to an end, the process ends.
import { endProcess, type Logger } from '@impasto/shared';

export interface StopSignals {
  /** Aborts when no further message may be received. */
  readonly stop: AbortSignal;
  /** Aborts when the running job, too, has to be given back. */
  readonly handBack: AbortSignal;
}

/** For giving back and for saying goodbye. A storage that does not answer shall not make it longer. */
const farewellSeconds = 9;

/** @param graceSeconds how long a running job may go on after the first signal. */
export function stopSignals(graceSeconds: number, log: Logger): StopSignals {
  const stop = new AbortController();
  const handBack = new AbortController();

  function begin(reason: string): void {
    if (stop.signal.aborted) return;
    log.info('worker.stopping', { reason, graceSeconds });
    stop.abort();
    setTimeout(() => handBack.abort(), graceSeconds * 1000).unref();
    setTimeout(
      () => {
        log.error('worker.stopped_late', { graceSeconds, farewellSeconds });
        endProcess();
      },
      (graceSeconds + farewellSeconds) * 1000,
    ).unref();
  }

  process.on('SIGTERM', () => begin('SIGTERM'));
  process.on('SIGINT', () => begin('SIGINT'));
  process.on('disconnect', () => begin('parent gone'));
  return { stop: stop.signal, handBack: handBack.signal };
}
