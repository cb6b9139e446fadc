// For who receives our webhooks: whether a request was signed by the service, with this body, and just now.
import { messageOf } from '../errors.ts';
import {
  decodeBase64,
  decodeWebhookSecret,
  signatureVersion,
  signedContent,
  webhookHeaders,
} from '../webhook-signature.ts';
import { StyleTransferError } from './error.ts';

export interface WebhookRequest {
  /** The body as it came, before anything parsed it. */
  readonly body: string | Uint8Array;
  /** Of fetch, or of Node's IncomingMessage. */
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Every secret that is valid now, as the service has them: `whsec_...`; two while they are being exchanged. */
  readonly secrets: readonly string[];
  /** How far the time of sending may be from ours, into the past and into the future; default 300. */
  readonly toleranceSeconds?: number | undefined;
  readonly now?: Date | undefined;
}

/** 32 bytes in base64: neither a part of it nor hexadecimal passes. */
const signature = /^[A-Za-z0-9+/]{43}=$/;
/** More than a service has secrets; each costs a little time. */
const maxSignatures = 16;

/**
 * The parsed body of a webhook that the service signed. Deliveries may come twice: remember their `webhook-id`.
 * @throws StyleTransferError `webhook_refused` for a request to be answered with 401 and not acted upon;
 *   `invalid_argument` for a secret or a tolerance of ours that is wrong.
 */
export async function verifyWebhook(request: WebhookRequest): Promise<unknown> {
  const keys = keysFrom(request.secrets);
  checkBody(request.body);
  const id = headerOf(request, webhookHeaders.id);
  const timestampSeconds = checkedTime(request);
  const given = signaturesFrom(headerOf(request, webhookHeaders.signature));
  const content = signedContent(id, timestampSeconds, request.body);
  const expected = await Promise.all(keys.map((key) => sign(key, content)));
  if (!expected.some((ours) => given.some((theirs) => isEqual(ours, theirs)))) {
    throw refused('a signature of this body by one of the secrets', 'others');
  }
  return parsed(request.body);
}

function keysFrom(secrets: readonly string[]): Uint8Array<ArrayBuffer>[] {
  if (secrets.length === 0) throw wrongArgument('Expected at least one webhook secret, received none');
  try {
    return secrets.map(decodeWebhookSecret);
  } catch (error) {
    throw wrongArgument(messageOf(error));
  }
}

/** Programs without types often pass what a framework has parsed already. */
function checkBody(body: unknown): void {
  if (typeof body === 'string' || body instanceof Uint8Array) return;
  throw wrongArgument('Expected the body as it came, a text or bytes, received something else');
}

function headerOf({ headers }: WebhookRequest, name: string): string {
  const value = isFetchHeaders(headers) ? headers.get(name) : fromRecord(headers, name);
  if (!value) throw refused(`a header ${name}`, 'none');
  return value;
}

/** Not only those of this global: packages bring their own. */
function isFetchHeaders(headers: WebhookRequest['headers']): headers is Headers {
  return typeof headers.get === 'function';
}

function fromRecord(headers: Exclude<WebhookRequest['headers'], Headers>, name: string): string | undefined {
  const values = Object.entries(headers).filter(([key]) => key.toLowerCase() === name);
  const [value, ...more] = values.flatMap(([, one]) => one ?? []);
  if (more.length > 0) throw refused(`one header ${name}`, 'several');
  return value;
}

function checkedTime(request: WebhookRequest): number {
  const { toleranceSeconds = 300, now = new Date() } = request;
  if (!(toleranceSeconds >= 0)) throw wrongArgument('Expected toleranceSeconds from 0, received less');
  const text = headerOf(request, webhookHeaders.timestamp);
  if (!/^[1-9]\d{0,11}$/.test(text)) throw refused('seconds since 1970 as webhook-timestamp', 'another text');
  const ageSeconds = now.getTime() / 1000 - Number(text);
  if (Math.abs(ageSeconds) <= toleranceSeconds) return Number(text);
  const side = ageSeconds > 0 ? 'old' : 'new';
  throw refused(
    `a webhook-timestamp within ${toleranceSeconds} s of now`,
    `one that is ${Math.round(Math.abs(ageSeconds))} s too ${side}`,
  );
}

/** Those of a version that we know; a later one may stand beside them. */
function signaturesFrom(header: string): Uint8Array[] {
  const ours = header.split(' ').filter((part) => part.startsWith(`${signatureVersion},`));
  const texts = ours
    .map((part) => part.slice(signatureVersion.length + 1))
    .filter((text) => signature.test(text));
  if (texts.length === 0 || texts.length > maxSignatures) {
    const expected = `1 to ${maxSignatures} signatures such as "${signatureVersion},<base64 of 32 bytes>"`;
    throw refused(`${expected} in webhook-signature`, `${texts.length} of them`);
  }
  return texts.map(decodeBase64);
}

async function sign(key: Uint8Array<ArrayBuffer>, content: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await crypto.subtle.importKey('raw', key, algorithm, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign(algorithm.name, imported, content));
}

/** In a time that does not tell how many bytes are right. */
function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length;
  for (const [index, byte] of one.entries()) difference |= byte ^ (other[index] ?? 0);
  return difference === 0;
}

function parsed(body: string | Uint8Array): unknown {
  try {
    return JSON.parse(
      typeof body === 'string' ? body : new TextDecoder('utf-8', { fatal: true }).decode(body),
    );
  } catch (cause) {
    throw refused('a body of JSON', 'another', cause);
  }
}

function refused(expected: string, received: string, cause?: unknown): StyleTransferError {
  const message = `Expected ${expected} for a webhook of this service, received ${received}.`;
  return new StyleTransferError('webhook_refused', message, { cause });
}

function wrongArgument(message: string): StyleTransferError {
  return new StyleTransferError('invalid_argument', `${message}.`);
}
