// How many bytes of request bodies this process holds at once. A body waits unread until there is room for it: the
// socket's own flow control then stops its sender.

export interface BodyRoom {
  /**
   * Waits in line for room for so many bytes.
   * @param signal leaves the line.
   * @returns a function that gives the room back; calling it again does nothing.
   * @throws the signal's reason.
   */
  enter(bytes: number, signal: AbortSignal): Promise<() => void>;
}

interface Waiting {
  readonly bytes: number;
  readonly admit: () => void;
}

const MiB = 1024 * 1024;
const largeBytes = MiB;

/**
 * Two rooms: small bodies never wait for large ones, and who has none waits for nobody.
 * @param large bytes in the room for bodies above 1 MiB, and for those whose length is not announced.
 * @param small bytes in the room for all others.
 */
export function makeBodyRooms({ large = 128 * MiB, small = 32 * MiB } = {}): BodyRoom {
  const rooms = { large: makeBodyRoom(large), small: makeBodyRoom(small) };
  return {
    async enter(bytes, signal) {
      if (bytes === 0) return () => {};
      return (bytes > largeBytes ? rooms.large : rooms.small).enter(bytes, signal);
    },
  };
}

/** One room, first come, first served. A body larger than all of it gets it for itself. */
function makeBodyRoom(capacityBytes: number): BodyRoom {
  const line = new Set<Waiting>();
  let freeBytes = capacityBytes;

  function admitNext(): void {
    for (const next of line) {
      if (next.bytes > freeBytes) return;
      freeBytes -= next.bytes;
      line.delete(next);
      next.admit();
    }
  }

  function leave(bytes: number): void {
    freeBytes += bytes;
    admitNext();
  }

  return {
    enter(asked, signal) {
      signal.throwIfAborted();
      const bytes = Math.min(asked, capacityBytes);
      return new Promise((resolve, reject) => {
        const onAbort = () => {
          line.delete(waiting);
          reject(signal.reason);
          // Perhaps it alone was in the way of those behind it.
          admitNext();
        };
        const admit = () => {
          signal.removeEventListener('abort', onAbort);
          resolve(once(() => leave(bytes)));
        };
        const waiting = { bytes, admit };
        signal.addEventListener('abort', onAbort, { once: true });
        line.add(waiting);
        admitNext();
      });
    },
  };
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
}
