// L6: three times as many submissions as the worker gets done, with a short queue. What is too much is turned away.
import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, submit } from '../calls.ts';
import { latencyMs, otherThan } from '../latency.ts';
import { type Level, scaled } from '../level.ts';
import { aim, figure, promise } from '../measure.ts';
import { memoryOf, toMebibytes } from '../memory.ts';
import { atPace } from '../pace.ts';
import { sampleBody } from '../pictures.ts';
import { drained, type Rig, startRig, warmUp } from '../rig.ts';
import { verify } from '../verify.ts';

const side = 128;
const maxQueued = 20;
/** Fewer than are let in at once. */
const measuredJobs = 15;
const timesTooMany = 3;
const patienceSeconds = 120;
const lookEveryMs = 250;

export const overload: Level = async ({ scale, signal, resources }) => {
  const seconds = scaled(60, scale, 3);
  const settings = { MAX_REPLICAS: '1', COOLDOWN_SECONDS: '3600', MAX_QUEUED: String(maxQueued) };
  const rig = await startRig({ settings, signal, resources });
  const body = await sampleBody(side);
  await warmUp(rig, 1, body);
  const drainRate = await measureDrainRate(rig, body);
  const perSecond = timesTooMany * drainRate;
  const queue = watchQueue(rig);
  const answers = await atPace({ perSecond, seconds, signal }, (_, dueMs) => submit(rig, body, dueMs));
  const longest = await queue.stop();
  const recoverySeconds = await recover(rig, body);
  const { measures, remarks } = await verify(rig);
  const peakBytes = await memoryOf(rig.pidsOf('function')[0] ?? 0, 'VmHWM');
  const refused = answers.filter(({ status }) => status !== 202);
  return {
    load: `${perSecond.toFixed(0)} submissions/s for ${seconds} s, ${timesTooMany} times what 1 worker does; MAX_QUEUED ${maxQueued}`,
    measures: [
      promise('answers other than 202, 429, 503', otherThan([202, 429, 503], answers), '=', 0),
      promise('refused without queue_full and Retry-After', refused.filter(isRude).length, '=', 0),
      promise('longest queue', longest, '<=', maxQueued, 'jobs'),
      ...measures,
      aim('turned away', (100 * refused.length) / answers.length, '>', 0, '%'),
      aim('until it was empty and took a job again', recoverySeconds, '<', 30, 's'),
      figure('taken', (answers.length - refused.length) / seconds, '/s'),
      figure('done by the worker before, alone', drainRate, '/s'),
      figure('p99 of a refusal', latencyMs(refused, 0.99), 'ms'),
      figure('most memory of the function', toMebibytes(peakBytes), 'MiB'),
    ],
    remarks,
  };
};

function isRude({ code, retryAfter }: Answer): boolean {
  return code !== 'queue_full' || !(Number(retryAfter) >= 1);
}

/** Jobs per second of the worker alone. */
async function measureDrainRate(rig: Rig, body: string): Promise<number> {
  const startedMs = performance.now();
  for (let count = 0; count < measuredJobs; count += 1) await submit(rig, body);
  await drained(rig, patienceSeconds);
  return (1000 * measuredJobs) / (performance.now() - startedMs);
}

/** Counts messages until stopped; then resolves with the largest number seen. */
function watchQueue({ storage, signal }: Rig): { stop(): Promise<number> } {
  const over = new AbortController();
  const watch = async () => {
    let longest = 0;
    while (!over.signal.aborted) {
      longest = Math.max(longest, await storage.queue.countMessages({ signal }));
      await delay(lookEveryMs, undefined, { signal: over.signal }).catch(() => {});
    }
    return longest;
  };
  const watching = watch();
  watching.catch(() => {});
  return {
    stop: () => {
      over.abort();
      return watching;
    },
  };
}

/** Seconds from the end of the overload until the queue was empty and the next job was taken. */
async function recover(rig: Rig, body: string): Promise<number> {
  const startedMs = performance.now();
  await drained(rig, patienceSeconds);
  while (performance.now() - startedMs < 1000 * patienceSeconds) {
    if ((await submit(rig, body)).status === 202) break;
    await delay(lookEveryMs);
  }
  return (performance.now() - startedMs) / 1000;
}
