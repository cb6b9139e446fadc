// Worker reports, each in the metadata of an empty blob: one listing reads them all, with their age.
import type { BlobItem, ContainerClient } from '@azure/storage-blob';
import { z } from 'zod';
import type { CallOptions, SeenWorker, WorkerDirectory } from '../ports.ts';
import { limited } from './call-limits.ts';
import { secondsBetween, toStorageError } from './storage-errors.ts';

const reportSchema = z.object({
  workerId: z.string(),
  state: z.enum(['starting', 'ready', 'busy', 'stopped', 'unhealthy']),
  problem: z.string().optional(),
  model: z.string(),
  executionProvider: z.string(),
  coldStartSeconds: z.number().optional(),
  recentJobSeconds: z.array(z.number()),
  modelLoadSeconds: z.number().optional(),
  stageSeconds: z
    .record(z.string(), z.object({ counts: z.array(z.int().min(0)), sum: z.number() }))
    .optional(),
});

const keptSeconds = 24 * 3600;

export function makeBlobWorkerDirectory(container: ContainerClient): WorkerDirectory {
  async function listAll(options: CallOptions): Promise<SeenWorker[]> {
    const seen: SeenWorker[] = [];
    const pages = container.listBlobsFlat({ includeMetadata: true, ...limited(options) }).byPage();
    for await (const page of pages) {
      for (const item of page.segment.blobItems) seen.push(...readReport(item, page.date));
    }
    return seen;
  }

  return {
    async publish(report, options = {}) {
      try {
        const blob = container.getBlockBlobClient(report.workerId);
        await blob.upload('', 0, {
          metadata: { report: JSON.stringify(report) },
          ...limited(options),
        });
      } catch (error) {
        throw toStorageError(error, `publishing the report of worker ${report.workerId}`, options);
      }
    },

    async list(options = {}) {
      try {
        const seen = await listAll(options);
        return seen.filter((one) => one.ageSeconds < keptSeconds).sort((a, b) => a.ageSeconds - b.ageSeconds);
      } catch (error) {
        throw toStorageError(error, 'listing the workers', options);
      }
    },

    async forgetOld(options = {}) {
      const old = (await listAll(options)).filter((one) => one.ageSeconds >= keptSeconds);
      const remove = (one: SeenWorker) =>
        container.getBlobClient(one.report.workerId).deleteIfExists(limited({}));
      await Promise.all(old.map(remove));
    },
  };
}

/** None where the metadata is no report: one that somebody spoilt must not hide all the others. */
function readReport(item: BlobItem, now: Date | undefined): SeenWorker[] {
  const parsed = parse(item.metadata?.report);
  if (!parsed) return [];
  const { coldStartSeconds, problem, modelLoadSeconds, stageSeconds, ...rest } = parsed;
  const ageSeconds = secondsBetween(item.properties.lastModified, now);
  const report = {
    ...rest,
    ...(problem !== undefined && { problem }),
    ...(coldStartSeconds !== undefined && { coldStartSeconds }),
    ...(modelLoadSeconds !== undefined && { modelLoadSeconds }),
    ...(stageSeconds !== undefined && { stageSeconds }),
  };
  return [{ report, ageSeconds }];
}

function parse(text = ''): z.infer<typeof reportSchema> | undefined {
  try {
    return reportSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
