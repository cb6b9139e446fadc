// L4: the largest bodies that are taken, several at once.
import { poll, submit } from '../calls.ts';
import { latencyMs, otherThan } from '../latency.ts';
import { type Level, scaled } from '../level.ts';
import { aim, figure, promise } from '../measure.ts';
import { memoryOf, toMebibytes } from '../memory.ts';
import { noiseBody, sampleBody } from '../pictures.ts';
import { startRig, warmUp } from '../rig.ts';
import { verify } from '../verify.ts';

const pictureBytes = 19.9 * 1024 ** 2;
/** The door is what is measured, not the painting. */
const side = 64;
const laterCalls = 20;

export const bigBodies: Level = async ({ scale, signal, resources }) => {
  const atOnce = scaled(10, scale, 2);
  const settings = { MAX_REPLICAS: '1', COOLDOWN_SECONDS: '3600' };
  const rig = await startRig({ settings, signal, resources });
  const small = await sampleBody(side);
  await warmUp(rig, 1, small);
  const body = new TextEncoder().encode(await noiseBody(pictureBytes, side));
  await rig.readProbe('function');
  const answers = await Promise.all(Array.from({ length: atOnce }, () => submit(rig, body)));
  const { delayMs } = await rig.readProbe('function');
  const later = [];
  for (let count = 0; count < laterCalls; count += 1) {
    const taken = await submit(rig, small);
    later.push(taken);
    if (taken.jobId !== undefined) await poll(rig, taken.jobId);
  }
  const { measures, remarks } = await verify(rig);
  const peakBytes = await memoryOf(rig.pidsOf('function')[0] ?? 0, 'VmHWM');
  return {
    load: `${atOnce} submissions of 2 x 19.9 MiB at once, then ${laterCalls} small ones`,
    measures: [
      promise('answers other than 202, 429, 503', otherThan([202, 429, 503], answers), '=', 0),
      promise('later answers other than 202', otherThan([202], later), '=', 0),
      ...measures,
      aim('most memory of the function', toMebibytes(peakBytes), '<', 1536, 'MiB'),
      aim("p99 of the function's event-loop delay", delayMs.p99, '<', 250, 'ms'),
      figure("longest of the function's event-loop delays", delayMs.max, 'ms'),
      figure('taken', answers.length - otherThan([202], answers)),
      figure('slowest large submission', latencyMs(answers, 1), 'ms'),
      figure('p99 of a later submission', latencyMs(later, 0.99), 'ms'),
    ],
    remarks,
  };
};
