// Reads that many ask for at once, made once: who polls a job in a crowd costs the storage no more than one who is alone.

/**
 * Nobody gets an answer that is older than the question: who asks while a read is under way shares the one after it.
 * @param read of one key; its result is shared and must not be changed.
 */
export function shareReads<T>(read: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const underWay = new Map<string, Promise<T>>();
  const following = new Map<string, Promise<T>>();

  function start(key: string): Promise<T> {
    const reading = read(key).finally(() => {
      if (underWay.get(key) === reading) underWay.delete(key);
    });
    underWay.set(key, reading);
    return reading;
  }

  async function startAfter(before: Promise<T>, key: string): Promise<T> {
    // How it ended is its own askers' business.
    await before.catch(() => {});
    following.delete(key);
    return await start(key);
  }

  return (key) => {
    const next = following.get(key);
    if (next) return next;
    const current = underWay.get(key);
    if (!current) return start(key);
    const coming = startAfter(current, key);
    following.set(key, coming);
    return coming;
  };
}
