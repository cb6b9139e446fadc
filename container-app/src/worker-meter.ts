// What this worker measures: how its jobs end and how long they take, its engine, its memory. Nothing is sent from here;
// who reads it is up to `startMetrics`, and without that it costs nothing.
import type { Job, ReceivedMessage } from '@impasto/shared';
import { type Attributes, type Counted, countIn, type Meter, ownMeter } from '@impasto/shared/telemetry';
import type { EngineStart } from './engine/engine-child.ts';
import { residentBytes } from './engine/memory-watch.ts';
import type { MessageOutcome } from './process-message.ts';

export interface WorkerMeter {
  /** An engine process is loaded and warm. */
  engineStarted(start: EngineStart): void;
  /** @param seconds that the message had waited for which this worker was started. */
  coldStart(seconds: number): void;
  taken(message: Pick<ReceivedMessage, 'ageSeconds' | 'deliveries'>): void;
  /** A job has ended here, by whatever end. */
  ended(job: Job): void;
  /** @param outcome undefined where nobody knows what became of the message. */
  handled(outcome: MessageOutcome['outcome'] | undefined): void;
  /** Seconds of each stage of the jobs that were completed here. */
  stageSeconds(): Readonly<Record<string, Counted>>;
}

/** After `startMetrics`: what is made before stays silent. */
export function makeWorkerMeter(): WorkerMeter {
  const meter = ownMeter();
  const instruments = makeInstruments(meter);
  const stages: Record<string, Counted> = {};
  let engine: EngineStart | undefined;
  let busy = 0;
  meter
    .createObservableGauge('impasto.worker.busy', { description: '1 while the worker has a message in hand' })
    .addCallback((result) => result.observe(busy));
  observeMemory(meter, () => engine?.pid);
  meter
    .createObservableGauge('impasto.worker.info', { description: 'What the worker paints with; always 1' })
    .addCallback((result) => engine && result.observe(1, paintingWith(engine)));

  return {
    engineStarted(start) {
      engine = start;
      const { model } = paintingWith(start);
      instruments.engineStarts.add(1);
      instruments.modelLoad.record(start.seconds, { model });
    },
    coldStart: (seconds) => instruments.coldStart.record(seconds),
    taken({ ageSeconds, deliveries }) {
      busy = 1;
      // A message that comes back has been worked on in the meantime, or was kept from everybody.
      if (deliveries === 1) instruments.wait.record(ageSeconds);
    },
    ended(job) {
      const provider =
        job.status === 'completed' ? job.result.executionProvider : engine?.facts.executionProvider;
      const on = { ...(provider && { execution_provider: provider }) };
      instruments.ended.add(1, { status: job.status, ...reasonOf(job), ...on });
      if (job.status !== 'completed') return;
      instruments.jobSeconds.record(job.result.processingSeconds, on);
      for (const [stage, ms] of Object.entries(job.result.timings)) {
        // The wait is no stage of the work; it has a histogram of its own.
        if (stage === 'queue') continue;
        instruments.stageSeconds.record(ms / 1000, { stage });
        stages[stage] = countIn(stages[stage], ms / 1000);
      }
    },
    handled(outcome = undefined) {
      busy = 0;
      instruments.messages.add(1, { outcome: outcome ?? 'unknown' });
    },
    stageSeconds: () => ({ ...stages }),
  };
}

function makeInstruments(meter: Meter) {
  const counter = (name: string, description: string) => meter.createCounter(name, { description });
  const seconds = (name: string, description: string) =>
    meter.createHistogram(name, { description, unit: 's' });
  return {
    ended: counter('impasto.jobs.ended', 'Jobs that ended here, by status and error code'),
    messages: counter('impasto.messages.handled', 'Messages by what became of them'),
    engineStarts: counter(
      'impasto.engine.starts',
      'Engine processes that came up; more than 1: one was replaced',
    ),
    wait: seconds(
      'impasto.job.wait',
      'How long a message had waited when it was received for the first time',
    ),
    jobSeconds: seconds('impasto.job.duration', 'Completed jobs from claim to commit'),
    stageSeconds: seconds('impasto.job.stage.duration', 'Each stage of completed jobs'),
    coldStart: seconds(
      'impasto.cold_start.duration',
      'How long the message waited that this worker was started for',
    ),
    modelLoad: meter.createGauge('impasto.model.load.duration', {
      description: 'From the start of the engine process to a model that is loaded and warm',
      unit: 's',
    }),
  };
}

function observeMemory(meter: Meter, enginePid: () => number | undefined): void {
  meter
    .createObservableGauge('impasto.process.memory', {
      description: 'Resident memory by process',
      unit: 'By',
    })
    .addCallback((result) => {
      result.observe(process.memoryUsage.rss(), { process: 'worker' });
      const pid = enginePid();
      if (pid !== undefined) result.observe(residentBytes(pid), { process: 'engine' });
    });
}

function paintingWith({ facts }: EngineStart): Attributes & { model: string } {
  return { execution_provider: facts.executionProvider, model: facts.models[0] ?? '' };
}

function reasonOf(job: Job): Attributes {
  return job.status === 'failed' ? { reason: job.error.code } : {};
}
