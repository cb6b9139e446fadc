// The environment of the Functions host process.
import { logLevels, parseEnvironment } from '@impasto/shared';
import { z } from 'zod';

const schema = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535),
  /** File URL of the app's main file. */
  FUNCTION_APP_URL: z.url(),
  /** The platform's own name for its limit, and the platform's default. */
  FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: z.coerce.number().int().min(1).default(104_857_600),
  /** Where queue triggers look for their queues. */
  STORAGE_CONNECTION_STRING: z.string().optional(),
  LOG_LEVEL: z.enum(logLevels).default('info'),
});

export const readConfig = (): z.infer<typeof schema> => parseEnvironment(schema, process.env);
