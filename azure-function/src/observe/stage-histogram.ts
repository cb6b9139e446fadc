// How long each stage of the jobs took, from the reports of the workers: those come and go, and nobody can ask them.
import type { SeenWorker } from '@impasto/shared';
import { type CountedHistogram, stageBounds } from '@impasto/shared/telemetry';

/** A worker that has ended is shown for so long, so that its last jobs are still collected. */
const shownSeconds = 900;
const mostWorkers = 30;

/**
 * A series for each worker and stage. Each counts up for as long as it is there, as a counter must; a sum over workers that
 * come and go would fall whenever one is forgotten, and look like a counter that began anew.
 */
export function stageHistogram(workers: readonly SeenWorker[]): CountedHistogram {
  const shown = workers.filter(({ ageSeconds }) => ageSeconds < shownSeconds).slice(0, mostWorkers);
  return {
    name: 'impasto.job.stage.duration',
    description: 'Each stage of completed jobs, as the workers report it',
    series: shown.flatMap(({ report: { workerId, executionProvider, stageSeconds = {} } }) =>
      Object.entries(stageSeconds)
        // A worker of another version may count by other bounds.
        .filter(([, { counts }]) => counts.length === stageBounds.length + 1)
        .map(([stage, { counts, sum }]) => ({
          ...{ counts, sum },
          labels: { stage, worker: workerId, execution_provider: executionProvider },
        })),
    ),
  };
}
