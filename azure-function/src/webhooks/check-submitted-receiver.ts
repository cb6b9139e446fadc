// What a submission may say about its receiver, and what it hears where that cannot be.
import { JobError } from '@impasto/shared';
import type { CheckReceiver, ResolveSubmitted } from '../submit/submission-form.ts';
import { checkReceiverUrl, type ReceiverRules } from './receiver-address.ts';
import { checkAddressesOf, type ResolveHost } from './resolve-receiver.ts';
import type { WebhookKeys } from './sign-webhook.ts';

interface Dependencies {
  readonly keys: WebhookKeys | undefined;
  readonly rules: ReceiverRules;
}

export function makeCheckReceiver({ keys, rules }: Dependencies): CheckReceiver {
  return (text) => {
    if (!keys) throw webhooksOff();
    return checkReceiverUrl(text, rules).href;
  };
}

export function makeResolveSubmitted(resolveHost: ResolveHost): ResolveSubmitted {
  return (url) => checkAddressesOf(new URL(url), resolveHost);
}

function webhooksOff(): JobError {
  return new JobError(
    'webhooks_off',
    'Expected no webhook_url: this service has no secret to sign webhooks with; its operator can set WEBHOOK_SECRETS',
  );
}
