// What can happen to an actor at a named moment, once: it dies, stands still, hears a wrong answer or none, or somebody
// else comes in between.
import { JobError } from '@impasto/shared';
import type { FaultCall, FaultHook, FaultPoint } from '../shared/src/testing/fault-points.ts';

export const faultKinds = [
  'crash_before',
  'crash_after',
  // Stands still for longer than its lease, timers and all, and then goes on as if nothing had happened.
  'pause_before',
  'pause_after',
  // The same for so long that the sweeper comes by, too.
  'stall_before',
  'stall_after',
  // Not carried out, and an error.
  'refused',
  'refused_thrice',
  // Carried out, and an error.
  'cut',
  // No answer within the time limit of a call; carried out or not.
  'hang_before',
  'hang_after',
  // Another worker gets the same message and deals with it.
  'duplicate_before',
  'duplicate_after',
  // The sweeper runs.
  'sweep_before',
  'sweep_after',
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  readonly point: FaultPoint;
  readonly kind: FaultKind;
  /** Which time that the moment comes, from 1. */
  readonly occurrence: number;
}

/** What the faults need of the world. Seconds by the clock of the test. */
export interface Surroundings {
  readonly pauseSeconds: number;
  readonly stallSeconds: number;
  /** After which a call without an answer fails. */
  readonly callSeconds: number;
  delay(seconds: number, signal?: AbortSignal): Promise<void>;
  /** Lets another worker have the message of this job, and returns when it is done with it. */
  interleaveWorker(jobId: string | undefined): Promise<void>;
  interleaveSweep(): Promise<void>;
}

export interface FaultInjector {
  /** Whether the moment came. */
  fired(): boolean;
  /** The hook of one actor: the first one that comes to the moment has the fault. */
  actor(): FaultHook;
}

export function makeFaultInjector(fault: Fault, world: Surroundings): FaultInjector {
  const [name = '', when] = splitKind(fault.kind);
  let met = 0;
  return {
    fired: () => met >= fault.occurrence,
    actor() {
      let dead = false;
      let standstill: Promise<void> | undefined;
      const meet = async (call: FaultCall): Promise<void> => {
        switch (name) {
          case 'crash':
            dead = true;
            return await new Promise(() => {});
          case 'pause':
          case 'stall':
            standstill = world.delay(name === 'pause' ? world.pauseSeconds : world.stallSeconds);
            return await standstill;
          case 'hang':
            return await hang(world, call);
          case 'duplicate':
            return await world.interleaveWorker(call.jobId);
          case 'sweep':
            return await world.interleaveSweep();
          default:
            throw noAnswer(call);
        }
      };
      return async (call) => {
        if (dead) return await new Promise(() => {});
        await standstill;
        if (call.point !== fault.point || call.when !== when) return;
        met += 1;
        const isIt =
          name === 'refused_thrice' ? isWithin(met, fault.occurrence, 3) : met === fault.occurrence;
        if (isIt) await meet(call);
      };
    },
  };
}

function splitKind(kind: FaultKind): readonly [string, FaultCall['when']] {
  if (kind.endsWith('_before')) return [kind.slice(0, -'_before'.length), 'before'];
  if (kind.endsWith('_after')) return [kind.slice(0, -'_after'.length), 'after'];
  return [kind, kind === 'cut' ? 'after' : 'before'];
}

function isWithin(met: number, first: number, times: number): boolean {
  return met >= first && met < first + times;
}

async function hang(world: Surroundings, call: FaultCall): Promise<void> {
  await world.delay(world.callSeconds, call.signal);
  call.signal?.throwIfAborted();
  throw noAnswer(call);
}

function noAnswer({ point, when }: FaultCall): JobError {
  return new JobError('storage_unavailable', `Expected an answer, received none (${when} ${point})`);
}
