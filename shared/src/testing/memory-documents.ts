// Documents in memory.
import { randomUUID } from 'node:crypto';
import { JobError } from '../errors.ts';
import type { DocumentStore } from '../ports.ts';
import type { Clock } from './clock.ts';

interface Kept<T> {
  readonly value: T;
  readonly version: string;
  readonly writtenAt: number;
}

/** @param labelOf what a listing shows of a document. */
export function makeMemoryDocuments<T>(
  clock: Clock = Date.now,
  labelOf: (value: T) => string | undefined = () => undefined,
): DocumentStore<T> & { names(): string[] } {
  const documents = new Map<string, Kept<T>>();
  const age = ({ writtenAt }: Kept<T>) => (clock() - writtenAt) / 1000;
  const store = (name: string, value: T) => {
    documents.set(name, { value: structuredClone(value), version: randomUUID(), writtenAt: clock() });
    return true;
  };
  return {
    names: () => [...documents.keys()].sort(),
    async create(name, value, options = {}) {
      options.signal?.throwIfAborted();
      return !documents.has(name) && store(name, value);
    },
    async get(name, options = {}) {
      options.signal?.throwIfAborted();
      const found = documents.get(name);
      if (!found) return undefined;
      return { value: structuredClone(found.value), version: found.version, ageSeconds: age(found) };
    },
    async replace(name, value, version, options = {}) {
      options.signal?.throwIfAborted();
      return documents.get(name)?.version === version && store(name, value);
    },
    async put(name, value, options = {}) {
      options.signal?.throwIfAborted();
      store(name, value);
    },
    async delete(name, { version, signal } = {}) {
      signal?.throwIfAborted();
      const found = documents.get(name);
      if (!found) return true;
      return (version === undefined || found.version === version) && documents.delete(name);
    },
    async list({ prefix = '', cursor, limit }, options = {}) {
      options.signal?.throwIfAborted();
      const names = [...documents.keys()].sort().filter((name) => name.startsWith(prefix));
      const start = cursor === undefined ? 0 : startOf(cursor, names);
      const end = start + limit;
      return {
        documents: names.slice(start, end).flatMap((name) => {
          const found = documents.get(name);
          if (!found) return [];
          const label = labelOf(found.value);
          return [{ name, ...(label !== undefined && { label }), ageSeconds: age(found) }];
        }),
        ...(end < names.length && { cursor: `after:${names[end - 1]}` }),
      };
    },
  };
}

function startOf(cursor: string, names: readonly string[]): number {
  if (!cursor.startsWith('after:'))
    throw new JobError('invalid_cursor', 'Expected a cursor from an earlier page');
  const index = names.findIndex((name) => name > cursor.slice('after:'.length));
  return index < 0 ? names.length : index;
}
