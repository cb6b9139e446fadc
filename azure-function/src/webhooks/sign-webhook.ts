// The signature of a webhook, by which its receiver knows that it comes from us (Standard Webhooks 1.0.0).
import { createHmac } from 'node:crypto';
import { decodeWebhookSecret, signatureVersion, signedContent, webhookHeaders } from '@impasto/shared';

const maxSecrets = 3;

/** The keys of the secrets, newest first. */
export type WebhookKeys = readonly Uint8Array[];

/**
 * Reads the setting WEBHOOK_SECRETS: 1 to 3 secrets `whsec_...` with commas between them, the newest first.
 * @throws TypeError; its message says which of them is wrong and never holds any of it.
 */
export function parseSecrets(text: string): WebhookKeys {
  const secrets = text.split(',').map((secret) => secret.trim());
  if (secrets.length > maxSecrets) {
    throw new TypeError(`Expected 1 to ${maxSecrets} webhook secrets, received ${secrets.length}`);
  }
  return secrets.map((secret, index) => {
    try {
      return decodeWebhookSecret(secret);
    } catch (error) {
      throw new TypeError(`Secret ${index + 1} of ${secrets.length}: ${(error as TypeError).message}`);
    }
  });
}

interface Unsigned {
  /** The same for every attempt to deliver this event. */
  readonly id: string;
  readonly body: string;
  /** When this attempt is made. */
  readonly sentAt: Date;
  readonly keys: WebhookKeys;
}

/** The headers of one attempt, signed with every key, so that a receiver may have any of the secrets. */
export function signWebhook({ id, body, sentAt, keys }: Unsigned): Record<string, string> {
  const timestampSeconds = Math.floor(sentAt.getTime() / 1000);
  const content = signedContent(id, timestampSeconds, body);
  const signatures = keys.map((key) => createHmac('sha256', key).update(content).digest('base64'));
  return {
    [webhookHeaders.id]: id,
    [webhookHeaders.timestamp]: String(timestampSeconds),
    [webhookHeaders.signature]: signatures.map((text) => `${signatureVersion},${text}`).join(' '),
  };
}
