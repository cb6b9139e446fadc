// L5: callers who ask far too often. What does it cost those who wait for their pictures?
import { submit } from '../calls.ts';
import { type Level, scaled } from '../level.ts';
import { aim, figure, promise } from '../measure.ts';
import { sampleBody } from '../pictures.ts';
import { startStorm } from '../poll-storm.ts';
import { drained, type Rig, startRig, warmUp } from '../rig.ts';
import { verify } from '../verify.ts';

const side = 256;
const callersAtFullScale = 200;
const perSecond = 5;
const patienceSeconds = 300;

export const pollStorm: Level = async ({ scale, signal, resources }) => {
  const jobs = scaled(50, scale, 5);
  const callers = scaled(callersAtFullScale, Math.min(1, scale), 10);
  const settings = { MAX_REPLICAS: '1', COOLDOWN_SECONDS: '3600' };
  const rig = await startRig({ settings, signal, resources });
  const body = await sampleBody(side);
  await warmUp(rig, 1, body);
  await submitMany(rig, jobs, body);
  const calmSeconds = await secondsToDrain(rig);
  const jobIds = await submitMany(rig, jobs, body);
  const storm = startStorm({ url: rig.url, jobIds, callers, perSecond });
  const stormySeconds = await secondsToDrain(rig);
  const end = await storm.stop();
  const { measures, remarks } = await verify(rig);
  const count = (status: number) => storm.answers.get(status) ?? 0;
  const all = [...storm.answers.values()].reduce((sum, each) => sum + each, 0);
  return {
    load: `${callers} callers ask ${perSecond} times a second for ${jobs} jobs of ${side} px, 1 worker`,
    measures: [
      promise('answers other than 200 and 304', all - count(200) - count(304), '=', 0),
      ...measures,
      aim('answers that are 304', (100 * count(304)) / all, '>', 80, '%'),
      aim('p99 of a status', end.p99Ms, '<', 200, 'ms'),
      aim("loss of the worker's throughput", 100 * (1 - calmSeconds / stormySeconds), '<', 10, '%'),
      aim('status requests without an answer in 10 s', end.unanswered, '=', 0),
      figure('status answers', end.perSecond, '/s'),
    ],
    remarks,
  };
};

async function submitMany(rig: Rig, jobs: number, body: string): Promise<string[]> {
  const jobIds: string[] = [];
  for (let count = 0; count < jobs; count += 1) jobIds.push((await submit(rig, body)).jobId ?? '');
  return jobIds.filter((jobId) => jobId !== '');
}

async function secondsToDrain(rig: Rig): Promise<number> {
  const startedMs = performance.now();
  await drained(rig, patienceSeconds);
  return (performance.now() - startedMs) / 1000;
}
