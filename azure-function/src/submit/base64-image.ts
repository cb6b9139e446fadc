// Strict base64, plain or as a data URI: what is not exactly what an encoder writes is refused, because
// Buffer.from skips or cuts off what it does not understand and a damaged picture would pass.
import { JobError, limits } from '@impasto/shared';

/**
 * @returns the decoded bytes.
 * @throws JobError `invalid_base64` or `image_too_large`; the message starts with what was expected for `name`.
 */
export function decodeBase64Image(text: string, name: string): Buffer {
  const payload = payloadOf(text, name);
  assertLength(payload, name);
  const bytes = Buffer.from(payload, 'base64');
  // Encoding again and comparing is linear and exact; the usual regular expression overflows the stack at 6 MB.
  if (bytes.length === 0 || bytes.toString('base64') !== payload) {
    const hint = /\s/.test(payload)
      ? 'one with line ends or spaces in it (base64 -w0 writes none)'
      : 'something else';
    throw new JobError('invalid_base64', `Expected padded standard base64 for ${name}, received ${hint}`);
  }
  return bytes;
}

// The type that a data URI declares is not believed: the bytes decide.
function payloadOf(text: string, name: string): string {
  if (!text.startsWith('data:')) return text;
  const comma = text.slice(0, 200).indexOf(',');
  const head = text.slice(0, Math.max(0, comma));
  if (!/^data:image\/[a-z0-9.+-]+;base64$/i.test(head)) {
    const received = JSON.stringify(comma < 0 ? text.slice(0, 40) : head);
    throw new JobError(
      'invalid_base64',
      `Expected data:image/...;base64,... for ${name}, received ${received}`,
    );
  }
  return text.slice(comma + 1);
}

// Found from the length alone: nothing of this size is worth decoding.
function assertLength(payload: string, name: string): void {
  const padding = payload.endsWith('==') ? 2 : payload.endsWith('=') ? 1 : 0;
  const bytes = Math.floor((payload.length * 3) / 4) - padding;
  if (bytes <= limits.maxImageBytes) return;
  const most = limits.maxImageBytes;
  throw new JobError('image_too_large', `Expected at most ${most} bytes for ${name}, received ${bytes}`);
}
