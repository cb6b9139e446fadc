// L2: submissions at a fixed pace, below what the workers get done, while others ask how their jobs are doing.
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../scripts/lib/random.ts';
import { type Answer, poll, submit } from '../calls.ts';
import { latencyMs, otherThan } from '../latency.ts';
import { type Level, scaled } from '../level.ts';
import { aim, figure, promise } from '../measure.ts';
import { growthPercent, startMemoryLog, toMebibytes } from '../memory.ts';
import { atPace } from '../pace.ts';
import { sampleBody } from '../pictures.ts';
import { type Rig, startRig, warmUp } from '../rig.ts';
import { verify } from '../verify.ts';

const side = 96;
const perSecond = 5;
const pollers = 20;
/** Jobs of which a poller picks one. */
const recentJobs = 20;

export const steady: Level = async ({ scale, random, signal, resources }) => {
  const seconds = scaled(60, scale, 3);
  const workers = Math.min(2, availableParallelism());
  const settings = { MAX_REPLICAS: String(workers), COOLDOWN_SECONDS: '3600' };
  const rig = await startRig({ settings, signal, resources });
  const body = await sampleBody(side);
  await warmUp(rig, workers, body);
  const ofFunction = startMemoryLog(() => rig.pidsOf('function'), signal);
  const ofWorkers = startMemoryLog(() => rig.pidsOf('workers'), signal);
  const over = new AbortController();
  const polling = Array.from({ length: pollers }, () => keepPolling(rig, random.fork(), over.signal));
  const answers = await atPace({ perSecond, seconds, signal }, (_, dueMs) => submit(rig, body, dueMs));
  for (const log of [ofFunction, ofWorkers]) log.stop();
  over.abort();
  const polls = (await Promise.all(polling)).flat();
  const { measures, remarks } = await verify(rig);
  const lastBytes = ofFunction.samples.at(-1)?.bytes ?? Number.NaN;
  return {
    load: `${perSecond} submissions/s of ${side} px for ${seconds} s, ${workers} workers, ${pollers} pollers at 1/s`,
    measures: [
      promise('answers other than 202 and 200', otherThan([202], answers) + otherThan([200], polls), '=', 0),
      ...measures,
      aim('p99 of a submission', latencyMs(answers, 0.99), '<', 500, 'ms'),
      figure('median of a submission', latencyMs(answers, 0.5), 'ms'),
      figure('p99 of a status', latencyMs(polls, 0.99), 'ms'),
      aim('growth of the function once warm', growthPercent(ofFunction.samples), '<=', 10, '%'),
      aim('growth of the workers once warm', growthPercent(ofWorkers.samples), '<=', 10, '%'),
      figure('memory of the function at the end', toMebibytes(lastBytes), 'MiB'),
    ],
    remarks,
  };
};

/** Asks once a second for one of the latest jobs; resolves with all answers once the signal aborts. */
async function keepPolling(rig: Rig, random: Random, over: AbortSignal): Promise<Answer[]> {
  const answers: Answer[] = [];
  let pauseMs = 1000 * random.next();
  while (!over.aborted && !rig.signal.aborted) {
    await delay(pauseMs, undefined, { signal: over }).catch(() => {});
    if (over.aborted) break;
    const answer = await poll(rig, random.pick(latestJobs(rig)));
    answers.push(answer);
    pauseMs = Math.max(0, 1000 - answer.ms);
  }
  return answers;
}

function latestJobs({ history }: Rig): string[] {
  const accepted = history.flatMap(({ call, jobId }) => (call === 'submit' && jobId ? [jobId] : []));
  return accepted.slice(-recentJobs);
}
