// Dead letters in memory.
import { JobError } from '../errors.ts';
import type { DeadLetter, DeadLetterStore, ListedDeadLetter } from '../ports.ts';
import type { Clock } from './clock.ts';

export function makeMemoryDeadLetterStore(
  clock: Clock = Date.now,
): DeadLetterStore & { letters: ReadonlyMap<string, DeadLetter> } {
  const letters = new Map<string, DeadLetter>();
  const writtenAt = new Map<string, number>();
  const write = (name: string, letter: DeadLetter) => {
    letters.set(name, letter);
    writtenAt.set(name, clock());
  };
  return {
    letters,
    async record(name, letter, options = {}) {
      options.signal?.throwIfAborted();
      if (!letters.has(name)) write(name, letter);
    },
    async get(name) {
      return letters.get(name);
    },
    async mark(name, state, options = {}) {
      options.signal?.throwIfAborted();
      const letter = letters.get(name);
      if (letter && letter.state !== state) write(name, { ...letter, state });
    },
    async list({ prefix = '', cursor, limit }) {
      const names = [...letters.keys()].sort().filter((name) => name.startsWith(prefix));
      const after = cursor === undefined ? '' : lastNameOf(cursor);
      const rest = names.filter((name) => name > after);
      const page = rest.slice(0, limit);
      const last = limit < rest.length ? page.at(-1) : undefined;
      return {
        letters: page.flatMap((name) => {
          const letter = letters.get(name);
          const ageSeconds = (clock() - (writtenAt.get(name) ?? 0)) / 1000;
          return letter ? [listed(name, letter, ageSeconds)] : [];
        }),
        ...(last !== undefined && { cursor: Buffer.from(`after ${last}`).toString('base64url') }),
      };
    },
    async delete(name) {
      letters.delete(name);
    },
  };
}

function listed(name: string, letter: DeadLetter, ageSeconds: number): ListedDeadLetter {
  const { state, reason, jobId, replays, at } = letter;
  return { name, state, reason, jobId, replays, at, ageSeconds };
}

function lastNameOf(cursor: string): string {
  const [, name] = /^after (.+)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (name !== undefined) return name;
  throw new JobError('invalid_cursor', 'Expected a cursor from an earlier page, received another text');
}
