// What this worker remembers of the storage's outages. After one, every running job looks as if its worker had died: none
// of them could say that it lives. So a worker that was cut off itself gives all others a lease to come back.

export interface OutageMemory {
  /** The storage could not be reached just now. */
  readonly note: () => void;
  /** Infinity when there was none. */
  readonly secondsSinceLast: () => number;
}

export function makeOutageMemory(nowMs: () => number = () => performance.now()): OutageMemory {
  let lastMs = Number.NEGATIVE_INFINITY;
  return {
    note: () => {
      lastMs = nowMs();
    },
    secondsSinceLast: () => (nowMs() - lastMs) / 1000,
  };
}
