// L3: hundreds of submissions at the same time.
import { availableParallelism } from 'node:os';
import autocannon from 'autocannon';
import { jsonHeaders, submissionOf, submitPath } from '../calls.ts';
import { otherThan } from '../latency.ts';
import { type Level, scaled } from '../level.ts';
import { aim, figure, promise } from '../measure.ts';
import { memoryOf, toMebibytes } from '../memory.ts';
import { noiseBody } from '../pictures.ts';
import { drained, type Rig, startRig } from '../rig.ts';
import { verify } from '../verify.ts';

const side = 64;
const pictureBytes = 100_000;
const mostConnections = 50;
const timeoutSeconds = 120;
const patienceSeconds = 300;

export const burst: Level = async ({ scale, signal, resources }) => {
  const jobs = scaled(300, scale, 10);
  const workers = Math.min(2, availableParallelism());
  const connections = Math.min(mostConnections, jobs);
  const rig = await startRig({ settings: { MAX_REPLICAS: String(workers) }, signal, resources });
  const body = await noiseBody(pictureBytes, side);
  const startedMs = performance.now();
  const result = await fireAll(rig, { jobs, connections, body });
  const acceptedSeconds = (performance.now() - startedMs) / 1000;
  await drained(rig, patienceSeconds);
  const seconds = (performance.now() - startedMs) / 1000;
  const { measures, remarks } = await verify(rig);
  const peakBytes = await memoryOf(rig.pidsOf('function')[0] ?? 0, 'VmHWM');
  const answers = rig.history.map(({ httpStatus: status }) => ({ status }));
  return {
    load: `${jobs} submissions of 2 x 100 kB over ${connections} connections at once, ${workers} workers from a cold start`,
    measures: [
      promise('answers other than 202, 429, 503', otherThan([202, 429, 503], answers), '=', 0),
      ...measures,
      aim('most memory of the function', toMebibytes(peakBytes), '<', 512, 'MiB'),
      figure('turned away', otherThan([202], answers)),
      figure('p99 of a submission', result.latency.p99, 'ms'),
      figure('until all were answered', acceptedSeconds, 's'),
      figure('until all were painted', seconds, 's'),
    ],
    remarks,
  };
};

interface Burst {
  readonly jobs: number;
  readonly connections: number;
  readonly body: string;
}

async function fireAll(rig: Rig, { jobs, connections, body }: Burst): Promise<autocannon.Result> {
  const onResponse = (status: number, text: string) => {
    rig.history.push(submissionOf(status, text));
  };
  const result = await autocannon({
    url: rig.url,
    connections,
    amount: jobs,
    timeout: timeoutSeconds,
    requests: [{ method: 'POST', path: submitPath, headers: jsonHeaders, body, onResponse }],
  });
  // What was sent and has no line yet was cut off or not answered in time.
  const unanswered = jobs - rig.history.length;
  for (let count = 0; count < unanswered; count += 1) rig.history.push(submissionOf(undefined, ''));
  return result;
}
