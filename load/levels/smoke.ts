// L1: does it work at all? Some jobs, one after the other taken in, one worker.
import { submit } from '../calls.ts';
import { latencyMs, otherThan } from '../latency.ts';
import { type Level, scaled } from '../level.ts';
import { figure, promise } from '../measure.ts';
import { sampleBody } from '../pictures.ts';
import { drained, startRig } from '../rig.ts';
import { verify } from '../verify.ts';

const side = 256;
const patienceSeconds = 300;

export const smoke: Level = async ({ scale, signal, resources }) => {
  const jobs = scaled(50, scale, 4);
  const rig = await startRig({ settings: { MAX_REPLICAS: '1' }, signal, resources });
  const body = await sampleBody(side);
  const startedMs = performance.now();
  const answers = [];
  for (let count = 0; count < jobs; count += 1) answers.push(await submit(rig, body));
  await drained(rig, patienceSeconds);
  const seconds = (performance.now() - startedMs) / 1000;
  const { measures, remarks } = await verify(rig);
  return {
    load: `${jobs} jobs of ${side} px, 1 worker, from a cold start`,
    measures: [
      promise('answers other than 202', otherThan([202], answers), '=', 0),
      ...measures,
      figure('p99 of a submission', latencyMs(answers, 0.99), 'ms'),
      figure('from the first submission to the last result', seconds, 's'),
    ],
    remarks,
  };
};
