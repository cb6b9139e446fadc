// The whole service in one process, on whatever ports it is given: the door, workers, the sweeper and an operator. Each
// of them may get ports of its own, with faults in them.
import { buffer } from 'node:stream/consumers';
import {
  everyDocument,
  JobError,
  jobIdInIndexName,
  type Logger,
  messageFor,
  type ReceivedMessage,
  silentLogger,
} from '@impasto/shared';
import { type ClientCall, checkInvariants, type JobView } from '@impasto/shared/check';
import { makeReplayDeadLetter } from '../azure-function/src/dead-letters/replay-letters.ts';
import { makeCancelJob } from '../azure-function/src/jobs/cancel-job.ts';
import { makeDeleteJob } from '../azure-function/src/jobs/delete-job.ts';
import { makeGetStatus } from '../azure-function/src/jobs/get-status.ts';
import { lookUp } from '../azure-function/src/jobs/look-up.ts';
import type { SweepSettings } from '../azure-function/src/sweep/plan-repairs.ts';
import { makeSweep, type SweepReport } from '../azure-function/src/sweep/sweep.ts';
import { type Answer, invoke, postJson } from '../azure-function/src/testing/invoke.ts';
import { makeTestSubmit } from '../azure-function/src/testing/submitting.ts';
import { makeTestViews } from '../azure-function/src/testing/views.ts';
import { makeDeliverWebhook } from '../azure-function/src/webhooks/deliver-webhook.ts';
import { makeReceiverLanes } from '../azure-function/src/webhooks/receiver-lanes.ts';
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
  submit(number: number, hook?: FaultHook, wishes?: Wishes): Promise<string | undefined>;
  /** What the callers of a job may want. */
  cancel(jobId: string, hook?: FaultHook): Promise<Answer>;
  remove(jobId: string, hook?: FaultHook): Promise<Answer>;
  /** Tells a receiver of what the next message is about. @returns whether there was one. */
  deliver(hook?: FaultHook): Promise<boolean>;
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

/** What a submission asks for beside its picture. */
interface Wishes {
  readonly key?: string;
  /** Whether somebody wants to be told of the end. */
  readonly told?: boolean;
}

const patienceSeconds = 60;
const webhookKeys = [new Uint8Array(32)];
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
    submit: (number, hook, wishes = {}) => submit(portsOf(hook), options, history, number, wishes),
    cancel: (jobId, hook) => ask(portsOf(hook), 'cancel', history, jobId),
    remove: (jobId, hook) => ask(portsOf(hook), 'delete', history, jobId),
    async deliver(hook) {
      const own = portsOf(hook);
      const message = await own.notices.receive(leaseSeconds);
      if (!message) return false;
      const send = async () => ({ kind: 'delivered', httpStatus: 204, latencyMs: 1 }) as const;
      const lanes = makeReceiverLanes();
      await makeDeliverWebhook({ ...own, send, lanes, keys: webhookKeys, log })(JSON.parse(message.text), 1);
      await message.remove();
      return true;
    },
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
      const own = portsOf(hook);
      const expiryHours = options.expiryHours ?? 24;
      const handler = makeReplayDeadLetter({ ...own, ...makeTestViews(own), expiryHours });
      return invoke(handler, { method: 'POST', path: '/api/dead-letters/x/replay', params: { id: jobId } });
    },
    async poll(jobId) {
      const { body } = await invoke(makeGetStatus({ ...ports, ...makeTestViews(ports) }), {
        path: `/api/status/${jobId}`,
        params: { job_id: jobId },
      });
      const view = body as JobView;
      history.push({ call: 'status', outcome: 'ok', jobId, at: new Date().toISOString(), view });
      return view;
    },
    async duplicate(jobId) {
      const job = await lookUp(ports.jobs, jobId, {});
      if (job && job !== 'gone') await ports.queue.send(messageFor(job));
    },
    async complaints() {
      const { violations } = await checkInvariants(ports, { history, orphanSeconds: 0 });
      const found = violations.map(({ invariant, subject, detail }) => `${invariant} ${subject}: ${detail}`);
      const letters = await ports.deadLetters.list({ prefix: 'messages/', limit: 100 });
      const unread = letters.letters.map(({ reason }) => `a message was thrown away as ${reason}`);
      const index = await wrongWithIndex(ports);
      return [...found, ...ledger.complaints(), ...unread, ...index, ...(await mixedUp(ports))];
    },
  };
}

const silentReporter = { ready() {}, jobStarted() {}, jobEnded() {}, stop: async () => {} };

async function submit(
  ports: FaultyPorts,
  { expiryHours = 24 }: HouseOptions,
  history: ClientCall[],
  number: number,
  { key, told = false }: Wishes,
): Promise<string | undefined> {
  const handler = makeTestSubmit(ports, { expiryHours });
  const index = history.push({ call: 'submit', outcome: 'unknown', key, at: new Date().toISOString() }) - 1;
  const picture = numberedPicture(number).toString('base64');
  const form = { content_image: picture, style_image: picture };
  const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
  const receiver = told ? { webhook_url: 'https://receiver.example/' } : {};
  const { status, body } = await postJson(handler, { ...form, ...receiver }, headers);
  const at = new Date().toISOString();
  const { job_id: jobId, code } = body as { job_id?: string; code?: string };
  // 200 where it has ended by then.
  const outcome = status === 200 || status === 202 ? 'ok' : 'fail';
  history[index] = { call: 'submit', outcome, jobId, code, key, httpStatus: status, at };
  const passing = ['storage_unavailable', 'idempotency_in_flight'];
  if (outcome === 'fail' && !passing.includes(code ?? ''))
    throw new JobError('internal_error', `Expected 202 or storage_unavailable, received ${status} ${code}`);
  return jobId;
}

async function ask(
  ports: FaultyPorts,
  call: 'cancel' | 'delete',
  history: ClientCall[],
  jobId: string,
): Promise<Answer> {
  const deps = { ...ports, ...makeTestViews(ports) };
  const handler = call === 'cancel' ? makeCancelJob(deps) : makeDeleteJob(deps);
  const index = history.push({ call, outcome: 'unknown', jobId, at: new Date().toISOString() }) - 1;
  const asked =
    call === 'cancel'
      ? { method: 'POST', path: `/api/cancel/${jobId}` }
      : { method: 'DELETE', path: `/api/jobs/${jobId}` };
  const answer = await invoke(handler, { ...asked, params: { job_id: jobId } });
  const at = new Date().toISOString();
  const outcome = answer.status < 300 ? 'ok' : answer.status < 500 ? 'fail' : 'unknown';
  const seen = answer.status === 200 ? { view: answer.body as JobView } : {};
  history[index] = { call, outcome, jobId, at, httpStatus: answer.status, ...seen };
  return answer;
}

/** Every job that a caller may know of is in the index, and nothing else is. */
async function wrongWithIndex({ jobs, jobIndex }: FaultyPorts): Promise<string[]> {
  const indexed = new Set<string | undefined>();
  for await (const { name } of everyDocument(jobIndex, '')) indexed.add(jobIdInIndexName(name));
  const complaints: string[] = [];
  for await (const { jobId, status } of jobs.list()) {
    const isIndexed = indexed.delete(jobId);
    if (status === 'gone' && isIndexed) complaints.push(`job ${jobId} is gone and is in the index`);
    if (status === 'gone' || isIndexed) continue;
    const { job } = (await jobs.get(jobId)) ?? {};
    if (job && !job.withdrawn) complaints.push(`job ${jobId} is not in the index`);
  }
  return [...complaints, ...[...indexed].map((jobId) => `the index names job ${jobId}, which never was`)];
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
