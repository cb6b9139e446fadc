// What the workers did over time: seconds of each state, in whole and by stretches of time for the chart.

export const replicaStates = ['cold', 'busy', 'idle', 'leaving'] as const;

/**
 * `cold` from the allocation until the first look into the queue, `leaving` from the end of the process until the
 * platform has removed the replica. All of them are billed.
 */
export type ReplicaState = (typeof replicaStates)[number];
export type StateSeconds = Readonly<Record<ReplicaState, number>>;

export interface Stretch {
  readonly fromSeconds: number;
  readonly arrivals: number;
  readonly mostWaiting: number;
  readonly replicaSeconds: StateSeconds;
}

export interface Timeline {
  readonly replicaSeconds: StateSeconds;
  readonly stretchSeconds: number;
  readonly stretches: readonly Stretch[];
}

type Seconds = Record<ReplicaState, number>;
type Draft = { arrivals: number; mostWaiting: number; replicaSeconds: Seconds };

export interface Recorder {
  arrived(at: number): void;
  /** So many wait from then on, until the next call. */
  waiting(at: number, count: number): void;
  spent(state: ReplicaState, from: number, to: number): void;
  /** @param lastsSeconds stretches up to then are there, even when nothing happened in the last of them. */
  timeline(lastsSeconds: number): Timeline;
}

/** @param stretchSeconds of each stretch. */
export function makeRecorder(stretchSeconds: number): Recorder {
  const total = noSeconds();
  const drafts: Draft[] = [];
  const last = { index: 0, waiting: 0 };
  const draftAt = (index: number) => {
    while (drafts.length <= index) drafts.push({ arrivals: 0, mostWaiting: 0, replicaSeconds: noSeconds() });
    return drafts[index] as Draft;
  };
  const draftOf = (at: number) => draftAt(Math.floor(at / stretchSeconds));
  return {
    arrived: (at) => {
      draftOf(at).arrivals += 1;
    },
    waiting: (at, count) => {
      const index = Math.floor(at / stretchSeconds);
      // Who waited at the end of a stretch waits at the beginning of the next, whether or not anything happens then.
      while (last.index < index) {
        last.index += 1;
        draftAt(last.index).mostWaiting = last.waiting;
      }
      const draft = draftAt(index);
      draft.mostWaiting = Math.max(draft.mostWaiting, count);
      last.waiting = count;
    },
    spent: (state, from, to) => {
      total[state] += to - from;
      const last = Math.floor(to / stretchSeconds);
      for (let index = Math.floor(from / stretchSeconds); index <= last; index += 1) {
        const start = Math.max(from, index * stretchSeconds);
        const end = Math.min(to, (index + 1) * stretchSeconds);
        if (end > start) draftAt(index).replicaSeconds[state] += end - start;
      }
    },
    timeline: (lastsSeconds) => {
      const stretches = Math.round(lastsSeconds / stretchSeconds);
      if (stretches > 0) draftAt(stretches - 1);
      return {
        replicaSeconds: total,
        stretchSeconds,
        stretches: drafts.map((draft, index) => ({ fromSeconds: index * stretchSeconds, ...draft })),
      };
    },
  };
}

export function sumOfStates(seconds: StateSeconds): number {
  return replicaStates.reduce((sum, state) => sum + seconds[state], 0);
}

function noSeconds(): Seconds {
  return { cold: 0, busy: 0, idle: 0, leaving: 0 };
}
