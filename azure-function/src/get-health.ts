// GET /api/health: whether jobs can be taken, and who is there to do them.
import type { JobQueue, WorkerDirectory } from '@impasto/shared';
import { isServing } from './estimate-wait.ts';
import type { Handler } from './respond.ts';

interface Dependencies {
  readonly queue: JobQueue;
  readonly workers: WorkerDirectory;
}

/** Answers 200 when the storage does; otherwise its error becomes a 503. */
export function makeGetHealth({ queue, workers }: Dependencies): Handler {
  return async () => {
    const [queued, seen] = await Promise.all([queue.countMessages(), workers.list()]);
    const serving = seen.filter(isServing).map(({ report }) => report);
    const providers = [...new Set(serving.map((one) => one.executionProvider))];
    return {
      jsonBody: {
        status: 'ok',
        jobs_in_queue: queued,
        workers: {
          ready: serving.filter((one) => one.state === 'ready').length,
          busy: serving.filter((one) => one.state === 'busy').length,
          execution_providers: providers,
        },
      },
    };
  };
}
