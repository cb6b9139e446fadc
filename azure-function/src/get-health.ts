// GET /api/health: whether jobs can be taken, and who is there to do them.
import type { JobQueue, WorkerDirectory } from '@impasto/shared';
import type { Handler } from './http/respond.ts';
import { isServing, poolOf } from './waiting/worker-pool.ts';

interface Dependencies {
  readonly queue: JobQueue;
  readonly workers: WorkerDirectory;
}

/** Answers 200 when the storage does; otherwise its error becomes a 503. */
export function makeGetHealth({ queue, workers }: Dependencies): Handler {
  return async () => {
    const [queued, seen] = await Promise.all([queue.countMessages(), workers.list()]);
    const serving = seen.filter(isServing);
    const providers = [...new Set(serving.map(({ report }) => report.executionProvider))];
    return {
      jsonBody: {
        status: 'ok',
        jobs_in_queue: queued,
        workers: { ...poolOf(seen), execution_providers: providers },
      },
    };
  };
}
