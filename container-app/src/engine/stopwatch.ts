// Times the stages of a job, one after the other.

/** Milliseconds since the last call, or since the start. */
export function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const before = last;
    last = performance.now();
    return Math.round(last - before);
  };
}
