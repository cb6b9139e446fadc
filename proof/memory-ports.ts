// All ports in memory, with one clock; the lock runs out like the real one, so that a dead sweeper does not keep it.
import type { Mutex } from '@impasto/shared';
import { makeMemoryPorts as makeAllPorts } from '@impasto/shared/testing';
import type { FaultyPorts } from '../shared/src/testing/fault-points.ts';

/** @param clock in milliseconds. */
export function makeMemoryPorts(clock: () => number = Date.now): FaultyPorts {
  return { ...makeAllPorts(clock), sweeping: makeLock(60, clock) };
}

/** A lock that whoever dies with it keeps for so long. */
export function makeLock(seconds: number, clock: () => number = Date.now): Mutex {
  let heldUntil = 0;
  return {
    async tryRun(work) {
      if (clock() < heldUntil) return false;
      const until = clock() + seconds * 1000;
      heldUntil = until;
      try {
        await work(AbortSignal.timeout(seconds * 800));
        return true;
      } finally {
        if (heldUntil === until) heldUntil = 0;
      }
    },
  };
}
