// The environment variables that say where telemetry goes; each app's own schema spreads them in. Without any of them
// nothing is measured and nothing is loaded.
import { z } from 'zod';

export const telemetryEnvironment = {
  /** Of Application Insights. It names the place; who may write there is said below. */
  APPLICATIONINSIGHTS_CONNECTION_STRING: z.string().min(1).optional(),
  /** `Authorization=AAD;ClientId=...`: telemetry is sent with that managed identity. */
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: z.string().min(1).optional(),
  /** Address of an OpenTelemetry collector that takes OTLP over HTTP, without `/v1/traces`. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  /** The name under which telemetry shows this app, where it is not to be its usual one. */
  OTEL_SERVICE_NAME: z.string().min(1).optional(),
  /** Share of the traces that begin here and are kept: 0 to 1. Who brings a trace along has decided already. */
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  /** File that spans are added to, one JSON line each: for the local stack. */
  TRACE_FILE: z.string().min(1).optional(),
} as const;

export interface TelemetrySettings {
  readonly APPLICATIONINSIGHTS_CONNECTION_STRING?: string | undefined;
  readonly APPLICATIONINSIGHTS_AUTHENTICATION_STRING?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  readonly OTEL_SERVICE_NAME?: string | undefined;
  readonly OTEL_TRACES_SAMPLER_ARG?: number | undefined;
  readonly TRACE_FILE?: string | undefined;
  /** The managed identity of the app. */
  readonly AZURE_CLIENT_ID?: string | undefined;
}
