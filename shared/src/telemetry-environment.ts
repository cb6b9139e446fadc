// The environment variables that say where telemetry goes; each app's own schema spreads them in.
import { z } from 'zod';

export const telemetryEnvironment = {
  /** Application Insights, where metrics are sent; nowhere without it. */
  APPLICATIONINSIGHTS_CONNECTION_STRING: z.string().min(1).optional(),
  /** `ClientId=...;Authorization=AAD`: the managed identity proves who sends, and no key does. */
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: z.string().min(1).optional(),
} as const;
