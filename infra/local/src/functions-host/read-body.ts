// Reads a request's body whole, up to a limit.
import type { IncomingMessage } from 'node:http';

/** The body is larger than the limit; what was read of it is dropped. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/** @throws BodyTooLarge when the client announces more bytes than that. */
export function checkAnnouncedLength(request: IncomingMessage, maxBytes: number): void {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw new BodyTooLarge();
}

/** Bytes that the body may come to have, at most: what the client announces, or else the limit. */
export function mostBytes({ headers }: IncomingMessage, maxBytes: number): number {
  return headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : maxBytes;
}

/**
 * @throws BodyTooLarge as soon as more than `maxBytes` have come, the connection still open.
 * @throws Error when the client goes away first.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const announced = request.headers['content-length'];
  // In one piece from the start: putting the pieces together would take the memory twice.
  if (announced !== undefined) return readInto(Buffer.alloc(Number(announced)), request);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, bytes);
}

/** The parser sees to it that exactly as many bytes come as were announced. */
async function readInto(body: Buffer, request: IncomingMessage): Promise<Uint8Array> {
  let offset = 0;
  for await (const chunk of request) {
    body.set(chunk, offset);
    offset += chunk.length;
  }
  return body;
}
