// The queue: jobs in the order in which they came, those that were handed back before all others.

export interface SimulatedJob {
  readonly arrivedAt: number;
  /** When the attempt that got it done began. */
  startedAt?: number;
  doneAt?: number;
  handBacks: number;
}

export interface JobLine {
  /** Those that wait for a worker. */
  waiting(): number;
  /** Messages as the scaler counts them: those that are being worked on, too. */
  count(): number;
  put(job: SimulatedJob): void;
  /** The next job, which is being worked on from now on. */
  take(): SimulatedJob | undefined;
  done(): void;
  handBack(job: SimulatedJob): void;
}

/** @param taken is told when one has been taken or handed back, with how many wait then. */
export function makeJobLine(taken: (waiting: number) => void): JobLine {
  const line: SimulatedJob[] = [];
  const returned: SimulatedJob[] = [];
  let head = 0;
  let inWork = 0;
  const waiting = () => returned.length + line.length - head;
  const next = () => {
    if (returned.length > 0) return returned.shift();
    const job = line[head];
    if (job) head += 1;
    return job;
  };
  return {
    waiting,
    count: () => waiting() + inWork,
    put: (job) => void line.push(job),
    take: () => {
      const job = next();
      if (job) {
        inWork += 1;
        taken(waiting());
      }
      return job;
    },
    done: () => {
      inWork -= 1;
    },
    handBack: (job) => {
      inWork -= 1;
      returned.push(job);
      taken(waiting());
    },
  };
}
