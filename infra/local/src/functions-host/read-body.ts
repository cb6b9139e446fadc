// Reads a request's body, up to a limit.
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

const pieceBytes = 256 * 1024;

/**
 * The whole body in one piece.
 * @throws BodyTooLarge as soon as more than `maxBytes` have come, the connection still open.
 * @throws Error when the client goes away first.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const isAnnounced = request.headers['content-length'] !== undefined;
  // In one piece from the start: putting the pieces together would take the memory twice.
  const pieces = await readPieces(request, maxBytes, isAnnounced ? maxBytes : pieceBytes);
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
}

/**
 * The whole body in pieces that can be let go one by one. They are of our own size: a body that comes byte by byte takes
 * no more memory than another.
 * @throws as readBody does.
 */
export async function readPieces(
  request: IncomingMessage,
  maxBytes: number,
  mostPerPiece: number = pieceBytes,
): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  let left = mostBytes(request, maxBytes);
  let piece = Buffer.alloc(0);
  let used = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    let rest: Buffer = chunk;
    if (rest.length > left) throw new BodyTooLarge();
    while (rest.length > 0) {
      if (used === piece.length) {
        piece = Buffer.alloc(Math.min(left, mostPerPiece));
        pieces.push(piece);
        used = 0;
      }
      const copied = rest.copy(piece, used);
      used += copied;
      left -= copied;
      rest = rest.subarray(copied);
    }
  }
  return used === piece.length ? pieces : [...pieces.slice(0, -1), piece.subarray(0, used)];
}
