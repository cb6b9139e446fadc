// Asks the worker, before anything is served, whether it could work: model there, settings right, device found.
import { z } from 'zod';
import { type Child, type ChildOptions, exitWords } from './child.ts';

const answerSchema = z.object({
  /** As `name@version`. */
  models: z.array(z.string()).min(1),
  executionProviders: z.array(z.string()),
});
export type WorkerFacts = z.infer<typeof answerSchema>;

type CheckOptions = Required<Pick<ChildOptions, 'args' | 'onLine'>>;

/**
 * @param spawn starts the worker with these additional options.
 * @throws Error with the worker's own sentence when it could not work.
 */
export async function checkWorker(spawn: (options: CheckOptions) => Child): Promise<WorkerFacts> {
  const lines: string[] = [];
  const onLine = (line: string, stream: string) => {
    if (stream === 'stdout') lines.push(line);
  };
  const exit = await spawn({ args: ['--check'], onLine }).exited;
  if (exit.code !== 0) throw new Error(exit.lastWords || `the worker's check ended with ${exitWords(exit)}`);
  const last = lines.at(-1) ?? '';
  const answer = answerSchema.safeParse(parseJson(last));
  if (answer.success) return answer.data;
  throw new Error(`Expected models and executionProviders, for the worker's check, received "${last}"`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
