// The environment of the Function app.
import { defaultModel, logLevels, storageEnvironment } from '@impasto/shared';
import { z } from 'zod';
import type { SweepSettings } from './sweep/plan-repairs.ts';

const hours = z.coerce.number().min(0.001).max(8760);

export const environmentSchema = z.object({
  ...storageEnvironment,
  /** Models on offer, the default first, as the workers have them. */
  MODELS: z
    .string()
    .default(defaultModel)
    .transform((list) => list.split(',').map((name) => name.trim()))
    .pipe(z.array(z.string().min(1)).min(1)),
  /** How many workers there may be; the estimates count on them. */
  MAX_REPLICAS: z.coerce.number().int().min(1).default(3),
  /** Messages in the queue at which the door takes no more jobs. */
  MAX_QUEUED: z.coerce.number().int().min(1).default(1000),
  /** How long a worker takes to come up from nothing, for the estimates until one has been seen to: `low-high`. */
  COLD_START_SECONDS: z
    .string()
    .default('30-120')
    .transform((range) => range.split('-').map((text) => Number(text.trim() || Number.NaN)))
    .pipe(z.tuple([z.number().min(0), z.number().min(0)], { error: 'expected two numbers such as 30-120' }))
    .refine(([low, high]) => low <= high, 'expected the smaller number first, such as 30-120')
    .transform(([low, high]) => ({ low, high })),
  /** When the sweeper runs, as six cron fields (seconds first); `off` leaves lost messages to themselves. */
  SWEEP_SCHEDULE: z.string().min(1).default('0 * * * * *'),
  /** An open job that nobody has written about for so long is looked after: at least three times LEASE_SECONDS. */
  SWEEP_AFTER_SECONDS: z.coerce.number().min(1).default(180),
  /** Images of a submission that was never finished are kept for so long. */
  ORPHAN_SECONDS: z.coerce
    .number()
    .min(1)
    .default(24 * 3600),
  /** How long a job that nobody begins stays in the queue. */
  JOB_EXPIRY_HOURS: hours.default(24),
  /** How long a job is kept, with its images, once it has ended. */
  RETENTION_HOURS: hours.default(24),
  /** How long a failed job is kept, to be looked at and replayed. */
  DEAD_LETTER_HOURS: hours.default(7 * 24),
  LOG_LEVEL: z.enum(logLevels).default('info'),
});

export type Config = z.infer<typeof environmentSchema>;

/** What of it the sweeper needs to know. */
export function sweepSettings(config: Config): SweepSettings {
  return {
    silentSeconds: config.SWEEP_AFTER_SECONDS,
    orphanSeconds: config.ORPHAN_SECONDS,
    retentionSeconds: config.RETENTION_HOURS * 3600,
    failedRetentionSeconds: config.DEAD_LETTER_HOURS * 3600,
  };
}
