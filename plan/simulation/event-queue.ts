// What is to happen when: a binary heap, so that a month of events takes a second. Of two at the same moment the one
// that was put in first comes first.

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly happen: () => void;
}

export interface EventQueue {
  /** Seconds since the start; that of the event that is happening. */
  now(): number;
  /** @param at seconds since the start, not before now. */
  at(at: number, happen: () => void): void;
  /** Lets the next event happen. @returns whether there was one. */
  next(): boolean;
}

export function makeEventQueue(): EventQueue {
  const heap: Entry[] = [];
  let now = 0;
  let order = 0;
  return {
    now: () => now,
    at: (at, happen) => {
      heap.push({ at: Math.max(at, now), order, happen });
      order += 1;
      rise(heap);
    },
    next: () => {
      const first = heap[0];
      const last = heap.pop();
      if (!first || !last) return false;
      if (heap.length > 0) sink(heap, last);
      now = first.at;
      first.happen();
      return true;
    },
  };
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Moves the last entry up to where it belongs. */
function rise(heap: Entry[]): void {
  let index = heap.length - 1;
  while (index > 0) {
    const above = (index - 1) >> 1;
    const [entry, parent] = [heap[index], heap[above]];
    if (!entry || !parent || !isBefore(entry, parent)) return;
    heap[index] = parent;
    heap[above] = entry;
    index = above;
  }
}

/** Puts an entry at the top and moves it down to where it belongs. */
function sink(heap: Entry[], entry: Entry): void {
  let index = 0;
  heap[0] = entry;
  for (;;) {
    const [left, right] = [heap[2 * index + 1], heap[2 * index + 2]];
    if (!left) return;
    const below = right && isBefore(right, left) ? 2 * index + 2 : 2 * index + 1;
    const child = heap[below];
    if (!child || !isBefore(child, entry)) return;
    heap[index] = child;
    heap[below] = entry;
    index = below;
  }
}
