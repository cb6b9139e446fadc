// What traces and metrics have in common as they leave a process: under whose name, and that nobody waits for them for long.
import { setTimeout as delay } from 'node:timers/promises';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import type { TelemetrySettings } from '../telemetry-environment.ts';

export interface Sender {
  /** Such as `impasto-worker`, unless the settings have another. */
  readonly serviceName: string;
  /** Tells one process of the service from another. */
  readonly instanceId: string;
  readonly settings: TelemetrySettings;
}

export function resourceOf({ serviceName, instanceId, settings }: Sender): Resource {
  return resourceFromAttributes({
    [ATTR_SERVICE_NAME]: settings.OTEL_SERVICE_NAME ?? serviceName,
    [ATTR_SERVICE_INSTANCE_ID]: instanceId,
  });
}

/** Resolves when it is sent, has failed, or the time is over: what cannot be sent is lost, and no job waits for it. */
export async function atMost(ms: number, sending: Promise<void> | undefined): Promise<void> {
  const over = new AbortController();
  const time = delay(ms, undefined, { signal: over.signal }).catch(() => {});
  await Promise.race([sending?.catch(() => {}), time]);
  over.abort();
}
