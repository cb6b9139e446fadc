// Places for answers that are held back: so many at once, whoever waits for whatever.

export interface Places {
  /** @returns gives the place back, and does nothing when called again; undefined where none is free. */
  take(): (() => void) | undefined;
}

/** Answers that may wait for jobs and batches, all together. With the streams they leave room for who does not wait. */
export const mostWaiters = 200;
/** Callers that may listen to events. */
export const mostStreams = 100;

export function makePlaces(most: number): Places {
  const taken = new Set<symbol>();
  return {
    take() {
      if (taken.size >= most) return undefined;
      const place = Symbol();
      taken.add(place);
      return () => void taken.delete(place);
    },
  };
}
