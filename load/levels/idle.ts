// L9: after some work nothing is asked of the service. What does it do then?
import { setTimeout as delay } from 'node:timers/promises';
import { submit } from '../calls.ts';
import { otherThan } from '../latency.ts';
import { type Level, scaled } from '../level.ts';
import { aim, figure, promise } from '../measure.ts';
import { sampleBody } from '../pictures.ts';
import { drained, type Rig, startRig } from '../rig.ts';
import { verify } from '../verify.ts';

const side = 96;
const jobs = 20;
const cooldownSeconds = 5;
const patienceSeconds = 120;
const lookEveryMs = 1_000;

export const idle: Level = async ({ scale, signal, resources }) => {
  const seconds = scaled(60, scale, 3);
  const settings = { MAX_REPLICAS: '1', COOLDOWN_SECONDS: String(cooldownSeconds) };
  const rig = await startRig({ settings, signal, resources });
  const body = await sampleBody(side);
  const answers = [];
  for (let count = 0; count < jobs; count += 1) answers.push(await submit(rig, body));
  await drained(rig, patienceSeconds);
  const downSeconds = await secondsUntilNoWorker(rig);
  for (const part of ['function', 'autoscaler'] as const) await rig.readProbe(part);
  const mostWorkers = await watchWorkers(rig, seconds);
  const ofFunction = await rig.readProbe('function');
  const ofAutoscaler = await rig.readProbe('autoscaler');
  const repairs = (await rig.readLogs()).get('function.log')?.match(/sweep\.repaired/g)?.length ?? 0;
  const { measures, remarks } = await verify(rig);
  return {
    load: `${seconds} s without a request, after ${jobs} jobs`,
    measures: [
      promise('answers other than 202', otherThan([202], answers), '=', 0),
      promise('workers', mostWorkers, '=', 0),
      promise('sweeps that repaired something', repairs, '=', 0),
      ...measures,
      aim('storage calls of the function', ofFunction.requestsSent / ofFunction.seconds, '<', 1, '/s'),
      figure('storage calls of the local autoscaler', ofAutoscaler.requestsSent / ofAutoscaler.seconds, '/s'),
      figure(`until no worker was left, with a cooldown of ${cooldownSeconds} s`, downSeconds, 's'),
    ],
    remarks,
  };
};

/** @throws Error when there still is one after a long time. */
async function secondsUntilNoWorker(rig: Rig): Promise<number> {
  const startedMs = performance.now();
  while (rig.pidsOf('workers').length > 0) {
    if (performance.now() - startedMs > 1000 * patienceSeconds)
      throw new Error(`Expected no worker ${patienceSeconds} s after the last job, found one`);
    await delay(lookEveryMs / 4, undefined, { signal: rig.signal });
  }
  return (performance.now() - startedMs) / 1000;
}

async function watchWorkers(rig: Rig, seconds: number): Promise<number> {
  const endMs = performance.now() + 1000 * seconds;
  let most = 0;
  while (performance.now() < endMs) {
    most = Math.max(most, rig.pidsOf('workers').length);
    await delay(lookEveryMs, undefined, { signal: rig.signal });
  }
  return most;
}
