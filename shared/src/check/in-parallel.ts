// The same work on many things, a few at a time.

/** Takes from the source only what it is about to work on. @throws the first error, once all that had begun has ended. */
export async function inParallel<Item>(
  source: AsyncIterable<Item>,
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const iterator = source[Symbol.asyncIterator]();
  let failed = false;
  const runOne = async () => {
    while (!failed) {
      const step = await iterator.next();
      if (step.done) return;
      await work(step.value);
    }
  };
  const guarded = () =>
    runOne().catch((error: unknown) => {
      failed = true;
      throw error;
    });
  const outcomes = await Promise.allSettled(Array.from({ length: atOnce }, guarded));
  await iterator.return?.();
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
