// Everything about webhooks, put together from the settings and the storage.
import type { Documents, JobQueue, JobStore, Logger, StorageSettings } from '@impasto/shared';
import type { ReadJob } from '../jobs/read-job.ts';
import { makeCheckReceiver, makeResolveSubmitted } from './check-submitted-receiver.ts';
import { makeDeliverWebhook } from './deliver-webhook.ts';
import { makeListDeliveries } from './list-deliveries.ts';
import { ownHosts } from './own-hosts.ts';
import { makeReceiverLanes } from './receiver-lanes.ts';
import { makeRedeliver } from './redeliver.ts';
import { makeResolveHost } from './resolve-receiver.ts';
import { sendWebhook } from './send-webhook.ts';
import type { WebhookKeys } from './sign-webhook.ts';

interface WebhookSettings extends StorageSettings {
  readonly WEBHOOK_SECRETS?: WebhookKeys | undefined;
  readonly WEBHOOK_ALLOW_LOOPBACK: boolean;
  readonly WEBSITE_HOSTNAME?: string | undefined;
}

interface Dependencies extends Pick<Documents, 'deliveries'> {
  readonly jobs: Pick<JobStore, 'get'>;
  readonly notices: JobQueue;
  readonly readJob: ReadJob;
  readonly log: Logger;
}

export function makeWebhooks(settings: WebhookSettings, deps: Dependencies) {
  const keys = settings.WEBHOOK_SECRETS;
  const rules = {
    allowLoopback: settings.WEBHOOK_ALLOW_LOOPBACK,
    ownHosts: ownHosts(settings, settings.WEBSITE_HOSTNAME),
  };
  const resolveHost = makeResolveHost();
  return {
    checkReceiver: makeCheckReceiver({ keys, rules }),
    resolveReceiver: makeResolveSubmitted(resolveHost),
    listDeliveries: makeListDeliveries(deps),
    redeliver: makeRedeliver(deps),
    deliverWebhook: makeDeliverWebhook({
      ...deps,
      keys,
      lanes: makeReceiverLanes(),
      send: (attempt) => sendWebhook(attempt, { rules, resolveHost }),
    }),
  };
}
