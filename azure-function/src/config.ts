// The environment of the Function app.
import {
  defaultModel,
  logLevels,
  messageOf,
  type RetentionSettings,
  storageEnvironment,
  telemetryEnvironment,
} from '@impasto/shared';
import { z } from 'zod';
import type { SweepSettings } from './sweep/plan-repairs.ts';
import { parseSecrets } from './webhooks/sign-webhook.ts';

/** A model that callers can ask for by its name. */
export interface OfferedModel {
  readonly name: string;
  /** That the workers have; where it is not known, no result is reused. */
  readonly version?: string;
}

function offeredModel(entry: string): OfferedModel {
  const [name = entry, version] = entry.split('@');
  return { name, ...(version !== undefined && { version }) };
}

const hours = z.coerce.number().min(0.001).max(8760);

export const environmentSchema = z.object({
  ...storageEnvironment,
  ...telemetryEnvironment,
  /** Models on offer, the default first, as the workers have them: `name`, or `name@version` where results may be reused. */
  MODELS: z
    .string()
    .default(defaultModel)
    .transform((list) => list.split(',').map((entry) => entry.trim()))
    .pipe(z.array(z.string().regex(/^[^@]+(?:@[^@]+)?$/, 'expected names, or name@version')).min(1))
    .transform((entries) => entries.map(offeredModel)),
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
  /** How long a job that was removed is known to have been there. */
  TOMBSTONE_HOURS: hours.default(30 * 24),
  /** Sign what receivers are sent: 1 to 3 secrets `whsec_...`, the newest first. Without them no job has a receiver. */
  WEBHOOK_SECRETS: z
    .string()
    .transform((text, context) => {
      try {
        return parseSecrets(text);
      } catch (error) {
        context.addIssue(messageOf(error));
        return z.NEVER;
      }
    })
    .optional(),
  /** For use at home: receivers on this machine, over plain http and on any port. */
  WEBHOOK_ALLOW_LOOPBACK: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true'),
  /** The name under which callers reach the app; set by the platform. */
  WEBSITE_HOSTNAME: z.string().optional(),
  LOG_LEVEL: z.enum(logLevels).default('info'),
});

export type Config = z.infer<typeof environmentSchema>;

/** How long jobs are kept where their callers did not say. */
export function retentionSettings(config: Config): RetentionSettings {
  return { retentionHours: config.RETENTION_HOURS, failedRetentionHours: config.DEAD_LETTER_HOURS };
}

/** What of it the sweeper needs to know. */
export function sweepSettings(config: Config): SweepSettings {
  return {
    silentSeconds: config.SWEEP_AFTER_SECONDS,
    orphanSeconds: config.ORPHAN_SECONDS,
    tombstoneHours: config.TOMBSTONE_HOURS,
    ...retentionSettings(config),
  };
}
