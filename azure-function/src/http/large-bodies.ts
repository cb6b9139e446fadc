// Keeps what large submissions, and large pictures in answers, take within bounds: each needs several times its bytes,
// and a submission most of a second of the event loop.
import { setImmediate as nextImmediate } from 'node:timers/promises';

/** Below this a body takes no turn; the picture of a usual photograph fits. */
const largeBytes = 4 * 1024 * 1024;
const largeAtOnce = 2;

/** Waits for something that may take long, such as somebody else's server, and leaves the place to others meanwhile. */
export type Aside = <T>(wait: () => Promise<T>) => Promise<T>;

/**
 * @returns a function that runs the work for a body of the announced length: two large ones at once, others in the order
 * in which they came; small ones do not wait. A length that was not announced counts as large.
 */
export function makeLargeBodyQueue() {
  const places = makePlacesInTurn(largeAtOnce);
  return async <T>(announced: string | null, work: (aside: Aside) => Promise<T>): Promise<T> => {
    if (isSmall(announced)) return await work((wait) => wait());
    await places.enter('newcomer');
    try {
      return await work(async (wait) => {
        places.leave();
        try {
          return await wait();
        } finally {
          await places.enter('returning');
        }
      });
    } finally {
      places.leave();
    }
  };
}

/** @param announced the length that a body or picture is said to have, in bytes. */
export function isSmall(announced: string | null): boolean {
  return announced !== null && Number(announced) < largeBytes;
}

/** Who comes back has a body in memory already, and so goes before those whose body has not been read. */
export function makePlacesInTurn(places: number) {
  const waiting = { returning: [] as (() => void)[], newcomer: [] as (() => void)[] };
  let free = places;
  return {
    async enter(who: keyof typeof waiting): Promise<void> {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting[who].push(resolve));
    },
    leave(): void {
      const next = waiting.returning.shift() ?? waiting.newcomer.shift();
      if (next) next();
      else free += 1;
    },
  };
}

let turns: Promise<void> = Promise.resolve();

/**
 * Waits for a turn of the event loop of one's own: others are served in between, and of all who call this only one goes
 * on in each turn.
 */
export function nextTurn(): Promise<void> {
  turns = turns.then(() => nextImmediate());
  return turns;
}
