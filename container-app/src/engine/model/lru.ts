// A map of bounded size that forgets what was not used for longest.

export interface Lru<Value> {
  /** Marks the entry as just used. */
  get(key: string): Value | undefined;
  /** Adds or replaces an entry; the oldest one leaves if there are now too many. */
  set(key: string, value: Value): void;
  delete(key: string): void;
  values(): Value[];
}

/** `onEvict` sees what leaves because there is no room, not what is deleted or replaced. */
export function makeLru<Value>(capacity: number, onEvict: (value: Value) => void = () => {}): Lru<Value> {
  // A Map keeps the order of insertion, so the first entry is always the one that was not used for longest.
  const entries = new Map<string, Value>();

  function touch(key: string, value: Value): void {
    entries.delete(key);
    entries.set(key, value);
  }

  function evictOldest(): void {
    const [oldest] = entries;
    if (oldest === undefined || entries.size <= capacity) return;
    entries.delete(oldest[0]);
    onEvict(oldest[1]);
  }

  return {
    get: (key) => {
      const value = entries.get(key);
      if (value !== undefined) touch(key, value);
      return value;
    },
    set: (key, value) => {
      touch(key, value);
      evictOldest();
    },
    delete: (key) => {
      entries.delete(key);
    },
    values: () => [...entries.values()],
  };
}
