// L8: every job has a receiver, and six of ten receivers are slow, broken or dead. Do the others, and the jobs, notice?
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { percentile } from '../../scripts/lib/statistics.ts';
import { type Answer, submit } from '../calls.ts';
import { type HookReceivers, startHookReceivers } from '../hook-receivers.ts';
import { latencyMs, otherThan } from '../latency.ts';
import { type Level, scaled } from '../level.ts';
import { aim, figure, promise } from '../measure.ts';
import { atPace } from '../pace.ts';
import { sampleBody } from '../pictures.ts';
import { drained, type Rig, startRig, warmUp } from '../rig.ts';
import { verify } from '../verify.ts';

const side = 96;
const perSecond = 5;
/** Time for what is due to healthy receivers once all jobs have ended. */
const patienceSeconds = 60;

export const webhooks: Level = async ({ scale, signal, resources }) => {
  const jobs = scaled(500, scale, 20);
  const workers = Math.min(2, availableParallelism());
  const settings = { MAX_REPLICAS: String(workers), COOLDOWN_SECONDS: '3600' };
  const receivers = await startHookReceivers(resources);
  const rig = await startRig({ settings, signal, resources });
  const plain = await sampleBody(side);
  await warmUp(rig, workers, plain);
  const bodyFor = (index: number) =>
    JSON.stringify({ ...JSON.parse(plain), webhook_url: receivers.urlFor(index) });
  const answers = await atPace({ perSecond, seconds: jobs / perSecond, signal }, (index, dueMs) =>
    submit(rig, bodyFor(index), dueMs),
  );
  const untold = await whoHeardNothing(rig, receivers, answers);
  const { measures, remarks } = await verify(rig);
  const heardMs = [...receivers.heardMs.values()];
  return {
    load: `${jobs} jobs of ${side} px at ${perSecond}/s, ${workers} workers, 20 receivers: 8 well, 4 slow, 8 broken or dead`,
    measures: [
      promise('answers other than 202', otherThan([202], answers), '=', 0),
      promise('ends that a healthy receiver was not told of', untold.length, '=', 0),
      ...measures,
      aim('p99 from the end of a job to its healthy receiver', at(heardMs, 0.99), '<', 5000, 'ms'),
      figure('median of that', at(heardMs, 0.5), 'ms'),
      figure('most of that', at(heardMs, 1), 'ms'),
      figure('ends that a healthy receiver was told of twice', receivers.twice()),
      aim('p99 of a submission', latencyMs(answers, 0.99), '<', 500, 'ms'),
      figure('median of a submission', latencyMs(answers, 0.5), 'ms'),
    ],
    remarks,
  };
};

const at = (times: readonly number[], share: number) =>
  times.length === 0 ? Number.NaN : percentile(times, share);

/** Jobs whose healthy receiver has heard nothing when the time is up. */
async function whoHeardNothing(
  rig: Rig,
  { isHealthy, heardMs }: HookReceivers,
  answers: readonly Answer[],
): Promise<string[]> {
  const due = answers.flatMap(({ jobId }, index) => (jobId !== undefined && isHealthy(index) ? [jobId] : []));
  await drained(rig, 300);
  const deadlineMs = performance.now() + 1000 * patienceSeconds;
  const missing = () => due.filter((jobId) => !heardMs.has(jobId));
  while (missing().length > 0 && performance.now() < deadlineMs)
    await delay(200, undefined, { signal: rig.signal });
  return missing();
}
