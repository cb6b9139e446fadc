// After the faults: everything comes to rest, is checked, and is asked to end.
import { setTimeout as delay } from 'node:timers/promises';
import { type CheckReport, type ClientCall, checkInvariants, type Violation } from '@impasto/shared/check';
import { until } from '@impasto/shared/testing';
import sharp from 'sharp';
import type { Cluster } from './cluster.ts';
import type { Ledger } from './ledger.ts';
import type { ChaosOptions } from './options.ts';
import { type FaultRunner, longestTerminationSeconds } from './process-faults.ts';

/** Time for everything to come to rest after the last fault. */
const restMs = 180_000;
/** An open job whose message is gone is not begun any more, and one that was begun ends sooner. */
const emptyMs = 30_000;

/**
 * Resolves once no accepted job is open and no message is left.
 * @returns false when that takes too long, or when there is nothing left that could end the jobs.
 */
export async function rest(
  { storage }: Cluster,
  ledger: Ledger,
  { sweeper }: ChaosOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const startedMs = performance.now();
  let lastMessageMs = startedMs;
  while (performance.now() - startedMs < restMs) {
    const messages = await storage.queue.countMessages({ signal });
    if (ledger.openCount === 0 && messages === 0) return true;
    if (messages > 0) lastMessageMs = performance.now();
    if (!sweeper && performance.now() - lastMessageMs > emptyMs) return false;
    await delay(200, undefined, { signal });
  }
  return false;
}

/** Images lie for a while before they count as nobody's, and a sweep may fail. */
const tidyMs = 120_000;

/** With the sweeper what nobody needs goes within a pass or two, and what was half submitted is ended. */
export async function checkUntilTidy(
  { storage }: Cluster,
  history: readonly ClientCall[],
  { sweeper }: ChaosOptions,
  signal: AbortSignal,
): Promise<CheckReport> {
  const deadlineMs = performance.now() + tidyMs;
  for (;;) {
    const limits = sweeper ? { orphanSeconds: 0 } : {};
    const report = await checkInvariants(storage, { history, decode, ...limits, signal });
    if (!sweeper) return withoutLeavings(report, history);
    if (report.violations.length === 0 || performance.now() > deadlineMs) return report;
    await delay(1_000, undefined, { signal });
  }
}

/**
 * What is left for the sweeper is no violation where there is none: a submission that was cut off between record and
 * message leaves a job that was promised to nobody, an attempt that was cut off may leave an image.
 */
function withoutLeavings(report: CheckReport, history: readonly ClientCall[]): CheckReport {
  const accepted = new Set(
    history.flatMap(({ outcome, jobId }) => (outcome === 'ok' && jobId ? [jobId] : [])),
  );
  const isAbandoned = ({ invariant, subject }: Violation) => invariant === 'I1' && !accepted.has(subject);
  const stuck = report.stuck - report.violations.filter(isAbandoned).length;
  const violations = report.violations.filter((each) => !isAbandoned(each) && each.invariant !== 'I7');
  return { ...report, violations, stuck };
}

async function decode(bytes: Buffer): Promise<{ width: number; height: number }> {
  const { info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  return info;
}

/** Only what is up is asked to end: before that nobody listens for it, and nothing has been begun. */
export async function stopAll(
  { workers, host, azurite, isUp }: Cluster,
  { record }: FaultRunner,
): Promise<void> {
  await until('the workers to be up', () => workers.every(isUp), restMs);
  await Promise.all(
    workers.map(async (worker) => {
      const { code, seconds } = await worker.stop();
      record.terminationSeconds.push(seconds);
      if (code !== 0 || seconds > longestTerminationSeconds)
        record.badTerminations.push(`${worker.name}: exit code ${code}`);
    }),
  );
  await host.stop();
  await azurite.stop();
}
