// Something that happens to a process exactly before or after one of its calls to the storage.
import type { Fault, Point, StorageCall } from '@impasto/shared/testing/fault-proxy';

interface Ambush {
  readonly client: string;
  readonly point: Point;
  readonly phase: 'before' | 'after';
  readonly strike: () => void;
  /** What becomes of the call when the strike came before it. */
  readonly callGoesOn: boolean;
}

export interface Ambushes {
  /** Waits for the call. @returns false when none came in time; then nothing has happened. */
  lay(ambush: Ambush, waitMs: number): Promise<boolean>;
  /** What an ambush makes of this call; undefined where none waits for it. */
  rule(call: StorageCall): Fault | undefined;
}

export function makeAmbushes(): Ambushes {
  const waiting = new Map<Ambush, () => void>();
  return {
    async lay(ambush, waitMs) {
      const { promise: struck, resolve } = Promise.withResolvers<boolean>();
      waiting.set(ambush, () => resolve(true));
      const timer = setTimeout(() => resolve(false), waitMs);
      const result = await struck;
      clearTimeout(timer);
      waiting.delete(ambush);
      return result;
    },
    rule({ client, point }) {
      for (const [ambush, resolve] of waiting) {
        if (ambush.client !== client || ambush.point !== point) continue;
        waiting.delete(ambush);
        return faultOf(ambush, resolve);
      }
      return undefined;
    },
  };
}

function faultOf({ phase, strike, callGoesOn }: Ambush, done: () => void): Fault | undefined {
  const act = async () => {
    strike();
    done();
  };
  if (phase === 'after') return { kind: 'hold', phase, until: act };
  void act();
  return callGoesOn ? undefined : { kind: 'cut_before' };
}
