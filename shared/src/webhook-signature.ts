// What the signer and the verifier of a webhook must agree on (Standard Webhooks 1.0.0): the form of a secret, and the
// bytes that are signed. It runs wherever the client runs.

/** In lower case, as Node gives them. */
export const webhookHeaders = {
  id: 'webhook-id',
  timestamp: 'webhook-timestamp',
  signature: 'webhook-signature',
} as const;

/** Before each signature: HMAC-SHA256 with a shared secret, in base64. */
export const signatureVersion = 'v1';

const secretPrefix = 'whsec_';
const minSecretBytes = 24;
const maxSecretBytes = 64;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * The key that a secret stands for, 24 to 64 bytes.
 * @throws TypeError for any other text; its message never holds the secret.
 */
export function decodeWebhookSecret(secret: string): Uint8Array<ArrayBuffer> {
  const expected = `Expected a webhook secret of "${secretPrefix}" and the base64 of ${minSecretBytes} to ${maxSecretBytes} bytes`;
  if (!secret.startsWith(secretPrefix))
    throw new TypeError(`${expected}, received a text with another beginning`);
  const encoded = secret.slice(secretPrefix.length);
  if (!base64.test(encoded)) throw new TypeError(`${expected}, received something else than base64`);
  const key = decodeBase64(encoded);
  if (key.length < minSecretBytes || key.length > maxSecretBytes) {
    throw new TypeError(`${expected}, received ${key.length} bytes`);
  }
  return key;
}

/** The bytes that are signed: `id.timestamp.body`, the body byte for byte as it travels. */
export function signedContent(
  id: string,
  timestampSeconds: number,
  body: string | Uint8Array,
): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const head = encoder.encode(`${id}.${timestampSeconds}.`);
  const tail = typeof body === 'string' ? encoder.encode(body) : body;
  const content = new Uint8Array(head.length + tail.length);
  content.set(head);
  content.set(tail, head.length);
  return content;
}

/** @param text which is known to be base64. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
