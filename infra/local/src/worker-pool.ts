// Keeps as many worker processes alive as it is told to: one per slot, and a slot that crashes has to wait.
import { type Child, type Exit, exitWords } from './child.ts';

export interface WorkerPool {
  /** Starts or stops workers towards this number, and replaces those that ended. To be called again and again. */
  reconcile(replicas: number): void;
  /** Stops every worker and resolves when the last is gone. */
  stop(): Promise<void>;
}

interface PoolOptions {
  readonly slots: number;
  /** @param slot 1 to `slots`; names the worker. */
  readonly spawn: (slot: number) => Child;
  readonly print: (line: string) => void;
  readonly nowMs?: () => number;
}

interface Slot {
  readonly number: number;
  child?: Child | undefined;
  startedAtMs: number;
  stopping: boolean;
  /** Short lives in a row. */
  crashes: number;
  notBeforeMs: number;
}

/** A worker that ended within this time of its start is taken to end the same way again. */
const shortLifeMs = 10_000;
const maxBackOffSeconds = 30;

export function makeWorkerPool({ slots, spawn, print, nowMs = Date.now }: PoolOptions): WorkerPool {
  let stopped = false;
  const all: Slot[] = Array.from({ length: slots }, (_, index) => ({
    number: index + 1,
    startedAtMs: 0,
    stopping: false,
    crashes: 0,
    notBeforeMs: 0,
  }));

  const start = (slot: Slot) => {
    const child = spawn(slot.number);
    Object.assign(slot, { child, startedAtMs: nowMs(), stopping: false });
    print(`worker ${slot.number} started`);
    void child.exited.then((exit) => {
      slot.child = undefined;
      print(slot.stopping ? `worker ${slot.number} stopped` : crashed(slot, exit, nowMs()));
    });
  };
  const stop = (slot: Slot) => {
    slot.stopping = true;
    return slot.child?.stop();
  };

  return {
    reconcile: (replicas) => {
      if (stopped) return;
      const running = all.filter(({ child, stopping }) => child !== undefined && !stopping);
      const free = all.filter(({ child }) => child === undefined);
      // A slot that is waiting out a crash counts as taken: its replacement may not jump the queue.
      const waiting = free.filter(({ notBeforeMs }) => notBeforeMs > nowMs());
      const missing = replicas - running.length - waiting.length;
      const startable = free.filter((slot) => !waiting.includes(slot));
      for (const slot of startable.slice(0, Math.max(0, missing))) start(slot);
      for (const slot of running.slice(Math.max(0, replicas))) void stop(slot);
    },
    stop: async () => {
      stopped = true;
      await Promise.all(all.map(stop));
    },
  };
}

/** Notes an unasked-for end in its slot, and words it. */
function crashed(slot: Slot, exit: Exit, nowMs: number): string {
  slot.crashes = nowMs - slot.startedAtMs < shortLifeMs ? slot.crashes + 1 : 0;
  const backOffSeconds = slot.crashes === 0 ? 0 : Math.min(maxBackOffSeconds, 2 ** (slot.crashes - 1));
  slot.notBeforeMs = nowMs + backOffSeconds * 1_000;
  const words = exit.lastWords === '' ? '' : `: ${exit.lastWords}`;
  const again = backOffSeconds === 0 ? 'at once' : `in ${backOffSeconds} s`;
  return `worker ${slot.number} ended unasked (${exitWords(exit)})${words}; started again ${again} if there is work`;
}
