// Time as a play sees it: real where the storage keeps its own, moved by hand where all is in memory.
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '@impasto/shared/testing';

export interface Time {
  /** Lets so much time pass. */
  advance(seconds: number): Promise<void>;
  /** Lets time pass until the answer is true. @throws Error when that takes longer than so many seconds. */
  until(what: string, ask: () => Promise<boolean> | boolean, seconds: number): Promise<void>;
  /** For whoever plays a part: resolves when so much time has passed. */
  pause(seconds: number, signal?: AbortSignal): Promise<void>;
}

export const pause: Time['pause'] = async (seconds, signal) => {
  await delay(seconds * 1000, undefined, { ...(signal && { signal }) }).catch(() => {});
};

export const realTime: Time = {
  advance: pause,
  until: async (what, ask, seconds) => {
    await until(what, ask, seconds * 1000);
  },
  pause,
};
