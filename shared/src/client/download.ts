// Fetching a picture: a connection that breaks costs only what had not come yet.
import type { ServiceRequest } from './answer.ts';
import type { CallOptions } from './client-options.ts';
import { StyleTransferError } from './error.ts';
import { exchange, repeated, type TransportSettings } from './transport.ts';

export interface ResultImage {
  readonly bytes: Uint8Array;
  /** Such as `image/png`. */
  readonly contentType: string;
}

/** @throws StyleTransferError `unexpected_answer` for anything but an image. */
export async function downloadResult(
  settings: TransportSettings,
  jobId: string,
  { signal }: CallOptions,
): Promise<ResultImage> {
  const request: ServiceRequest = { method: 'GET', path: `/api/result/${jobId}`, jobId, signal };
  const download = makeDownload();
  const { headers, url } = await repeated(settings, request, () =>
    download.forgetIfUseless(() =>
      exchange(settings, { ...request, headers: download.headers() }, download.receive),
    ),
  );
  const bytes = download.bytes();
  const contentType = headers.get('content-type') ?? '';
  if (contentType.startsWith('image/') && bytes.length > 0) return { bytes, contentType };
  const message = `Expected an image from GET ${url}, received ${bytes.length} bytes of ${contentType || 'unknown type'}.`;
  throw new StyleTransferError('unexpected_answer', message, { jobId });
}

/** The pieces that have come, over all connections, of one version of the picture: that of the strong `ETag`. */
function makeDownload() {
  let pieces: Uint8Array[] = [];
  let tag: string | undefined;
  const size = () => pieces.reduce((sum, { length }) => sum + length, 0);
  const forget = () => {
    pieces = [];
    tag = undefined;
  };
  return {
    bytes: () => joined(pieces, size()),
    headers: (): Record<string, string> =>
      tag === undefined || size() === 0 ? {} : { range: `bytes=${size()}-`, 'if-range': tag },
    /** Reads a body to its end; of an answer that is no picture it gives back the text. */
    receive: async (response: Response): Promise<Uint8Array> => {
      if (!response.ok || !response.body) return new Uint8Array(await response.arrayBuffer());
      if (!continues(response, size())) forget();
      const etag = response.headers.get('etag');
      tag = etag?.startsWith('"') ? etag : undefined;
      const reader = response.body.getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) pieces.push(part.value);
      return new Uint8Array();
    },
    /** A service that has no such rest is asked for the whole again. */
    forgetIfUseless: async <T>(attempt: () => Promise<T>): Promise<T> => {
      try {
        return await attempt();
      } catch (thrown) {
        if (!(thrown instanceof StyleTransferError) || thrown.status !== 416 || size() === 0) throw thrown;
        forget();
        const { message, jobId } = thrown;
        throw new StyleTransferError('unreachable', message, { jobId, retryable: true, cause: thrown });
      }
    },
  };
}

function continues(response: Response, from: number): boolean {
  return (
    response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${from}-`) === true
  );
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const [only] = pieces;
  if (pieces.length === 1 && only) return only;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
