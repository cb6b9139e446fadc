// The environment of the Function app.
import { defaultModel, logLevels, storageEnvironment } from '@impasto/shared';
import { z } from 'zod';

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
  /** How long a worker takes to come up from nothing, for the estimates until one has been seen to: `low-high`. */
  COLD_START_SECONDS: z
    .string()
    .default('30-120')
    .transform((range) => range.split('-').map((text) => Number(text.trim() || Number.NaN)))
    .pipe(z.tuple([z.number().min(0), z.number().min(0)], { error: 'expected two numbers such as 30-120' }))
    .refine(([low, high]) => low <= high, 'expected the smaller number first, such as 30-120')
    .transform(([low, high]) => ({ low, high })),
  LOG_LEVEL: z.enum(logLevels).default('info'),
});
