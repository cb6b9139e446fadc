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
  LOG_LEVEL: z.enum(logLevels).default('info'),
});

export type Config = z.infer<typeof environmentSchema>;
