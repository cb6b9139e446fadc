// The whole service in one process, on whatever ports it is given: the door, workers, the sweeper and an operator. Each
// of them may get ports of its own, with faults in them.
import { buffer } from 'node:stream/consumers';
import {
  JobError,
  type Logger,
  messageFor,
  type ReceivedMessage,
  silentLogger,
  type WorkerDirectory,
} from '@impasto/shared';
import { type ClientCall, checkInvariants, type JobView } from '@impasto/shared/check';
import { makeMemoryWorkerDirectory } from '@impasto/shared/testing';
import { makeReplayDeadLetter } from '../azure-function/src/dead-letters/replay-letters.ts';
import { makeGetStatus } from '../azure-function/src/get-status.ts';
import { makeSubmitJob } from '../azure-function/src/submit-job.ts';
import type { SweepSettings } from '../azure-function/src/sweep/plan-repairs.ts';
import { makeSweep, type SweepReport } from '../azure-function/src/sweep/sweep.ts';
import { type Answer, invoke, postJson } from '../azure-function/src/testing/invoke.ts';
import type { Engine } from '../container-app/src/engine/engine.ts';
import { makeOutageMemory } from '../container-app/src/outage-memory.ts';
import { type MessageOutcome, makeProcessMessage } from '../container-app/src/process-message.ts';
import { runWorker } from '../container-app/src/worker.ts';
import { type FaultHook, type FaultyPorts, withFaultPoints } from '../shared/src/testing/fault-points.ts';
import { keepLedger, type Ledger } from './ledger.ts';
import { makeScriptedEngine, numberedPicture, numberOf, type Script } from './scripted-engine.ts';

export interface HouseOptions {
  readonly ports: FaultyPorts;
  readonly leaseSeconds: number;
  readonly pollSeconds: number;
  readonly sweep: SweepSettings;
  readonly expiryHours?: number;
  /** What becomes of the picture with this number. */
  readonly scriptOf: (number: number) => Script;
  readonly log?: Logger;
}

export interface Worker {
  /** No further messages. */
  stop(): void;
  /** The running job has to be given back, too. */
  handBack(): void;
  /** When it has stopped; a worker that is dead never does. */
  readonly ended: Promise<void>;
}

export interface House {
  /** The ports without faults, as the ledger sees them. */
  readonly ports: FaultyPorts;
  readonly ledger: Ledger;
  readonly engine: Engine & { begun(): number };
  readonly history: readonly ClientCall[];
  /** @returns the id, or undefined where the submission was refused. One that dies in the middle never returns. */
  submit(number: number, hook?: FaultHook): Promise<string | undefined>;
  startWorker(hook?: FaultHook): Worker;
  /** One message from receipt to its last word, by a worker that then is gone; undefined when none waits. */
  workOnce(hook?: FaultHook, handBack?: AbortSignal): Promise<MessageOutcome['outcome'] | undefined>;
  sweep(hook?: FaultHook): Promise<SweepReport | undefined>;
  replay(jobId: string, hook?: FaultHook): Promise<Answer>;
  /** @returns what a client sees. */
  poll(jobId: string): Promise<JobView>;
  /** Sends the message of a job once more. */
  duplicate(jobId: string): Promise<void>;
  /** Everything that is wrong, in words, once all work is over. */
  complaints(): Promise<string[]>;
}

const patienceSeconds = 60;
const never = new AbortController().signal;

export function openHouse(options: HouseOptions): House {
  const { leaseSeconds, pollSeconds, log = silentLogger } = options;
  const { jobs, ledger } = keepLedger(options.ports.jobs);
  const ports = { ...options.ports, jobs };
  const engine = makeScriptedEngine(options.scriptOf);
  const history: ClientCall[] = [];
  const portsOf = (hook?: FaultHook) => (hook ? withFaultPoints(ports, hook) : ports);
  const handlerOf = (own: FaultyPorts, outages = makeOutageMemory()) =>
    makeProcessMessage({ ...own, engine, leaseSeconds, patienceSeconds, outages, log });
  return {
    ...{ ports, ledger, engine, history },
    submit: (number, hook) => submit(portsOf(hook), options, history, number),
    startWorker: (hook) => {
      const own = portsOf(hook);
      const { stop, handBack } = { stop: new AbortController(), handBack: new AbortController() };
      const outages = makeOutageMemory();
      const processMessage = handlerOf(own, outages);
      const parts = { queue: own.queue, processMessage, reporter: silentReporter, outages };
      const ended = runWorker(
        { ...parts, leaseSeconds, pollSeconds, log },
        { stop: stop.signal, handBack: handBack.signal },
      );
      return { ended, stop: () => stop.abort(), handBack: () => handBack.abort() };
    },
    async workOnce(hook, handBack = never) {
      const own = portsOf(hook);
      const message: ReceivedMessage | undefined = await own.queue.receive(leaseSeconds);
      return message && (await handlerOf(own)(message, handBack)).outcome;
    },
    sweep: (hook) => makeSweep({ ...portsOf(hook), settings: options.sweep, log })(),
    replay: (jobId, hook) => {
      const handler = makeReplayDeadLetter({ ...portsOf(hook), expiryHours: options.expiryHours ?? 24 });
      return invoke(handler, { method: 'POST', path: '/api/dead-letters/x/replay', params: { id: jobId } });
    },
    async poll(jobId) {
      const { body } = await invoke(makeGetStatus(ports), {
        path: `/api/status/${jobId}`,
        params: { job_id: jobId },
      });
      const view = body as JobView;
      history.push({ call: 'status', outcome: 'ok', jobId, at: new Date().toISOString(), view });
      return view;
    },
    async duplicate(jobId) {
      const stored = await ports.jobs.get(jobId);
      if (stored) await ports.queue.send(messageFor(stored.job));
    },
    async complaints() {
      const { violations } = await checkInvariants(ports, { history, orphanSeconds: 0 });
      const found = violations.map(({ invariant, subject, detail }) => `${invariant} ${subject}: ${detail}`);
      const letters = await ports.deadLetters.list({ prefix: 'messages/', limit: 100 });
      const unread = letters.letters.map(({ reason }) => `a message was thrown away as ${reason}`);
      return [...found, ...ledger.complaints(), ...unread, ...(await mixedUp(ports))];
    },
  };
}

const silentReporter = { ready() {}, jobStarted() {}, jobEnded() {}, stop: async () => {} };

async function submit(
  ports: FaultyPorts,
  { expiryHours = 24 }: HouseOptions,
  history: ClientCall[],
  number: number,
): Promise<string | undefined> {
  const workers: WorkerDirectory = makeMemoryWorkerDirectory();
  const limits = { models: ['impasto-v1'], maxReplicas: 3, maxQueued: 1000, expiryHours };
  const handler = makeSubmitJob({ ...ports, workers, ...limits, assumedColdStart: { low: 1, high: 2 } });
  const index = history.push({ call: 'submit', outcome: 'unknown', at: new Date().toISOString() }) - 1;
  const picture = numberedPicture(number).toString('base64');
  const { status, body } = await postJson(handler, { content_image: picture, style_image: picture });
  const at = new Date().toISOString();
  const { job_id: jobId, code } = body as { job_id?: string; code?: string };
  const outcome = status === 202 ? 'ok' : 'fail';
  history[index] = { call: 'submit', outcome, jobId, code, httpStatus: status, at };
  if (outcome === 'fail' && code !== 'storage_unavailable')
    throw new JobError('internal_error', `Expected 202 or storage_unavailable, received ${status} ${code}`);
  return jobId;
}

/** A completed job shows what was painted of its own picture. */
async function mixedUp({ jobs, images }: FaultyPorts): Promise<string[]> {
  const complaints: string[] = [];
  for await (const { jobId, status } of jobs.list()) {
    const job = status === 'completed' ? (await jobs.get(jobId))?.job : undefined;
    if (job?.status !== 'completed') continue;
    const [content, result] = [await images.get(job.inputs.content), await images.get(job.result.key)];
    if (!content || !result) continue; // The check of the invariants has its own word on that.
    const [asked, painted] = [await buffer(content.body), await buffer(result.body)].map(numberOf);
    if (asked !== painted) complaints.push(`job ${jobId} asked for picture ${asked} and got ${painted}`);
  }
  return complaints;
}
