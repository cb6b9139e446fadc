// Tests over real sockets: whatever the service answers to a fetch of this process is held to the service's own description.
import { type Conformance, makeConformance } from './conformance.ts';
import type { OpenApiDocument } from './document.ts';

export interface Checks {
  /** @throws Error with the first answer that was not as described. */
  stop(): void;
}

/** @param baseUrl of a service that is up. */
export async function fetchConformance(baseUrl: string): Promise<Conformance> {
  const answer = await fetch(new URL('/api/openapi.json', baseUrl));
  if (!answer.ok) throw new Error(`Expected a description at ${baseUrl}, received ${answer.status}`);
  return makeConformance((await answer.json()) as OpenApiDocument);
}

/**
 * Stands in for the fetch of this process until it is stopped. What it finds is told at the end: a client would take an
 * error from fetch for a broken line, and try again.
 */
export async function checkFetches(baseUrl: string): Promise<Checks> {
  const conformance = await fetchConformance(baseUrl);
  const { port } = new URL(baseUrl);
  const { fetch: original } = globalThis;
  const found: unknown[] = [];
  const checking: typeof fetch = async (input, init) => {
    const response = await original(input, init);
    const asked = input instanceof Request ? input : { url: String(input), method: 'GET' };
    const url = new URL(asked.url);
    if (url.port === port && url.pathname.startsWith('/api'))
      await check(conformance, init?.method ?? asked.method, url, response).catch((error: unknown) =>
        found.push(error),
      );
    return response;
  };
  globalThis.fetch = checking;
  return {
    stop() {
      if (globalThis.fetch === checking) globalThis.fetch = original;
      if (found.length > 0) throw found[0];
    },
  };
}

async function check(conformance: Conformance, method: string, url: URL, response: Response): Promise<void> {
  const body = await textOf(response);
  conformance.check({
    method,
    path: url.pathname,
    status: response.status,
    headers: Object.fromEntries(response.headers),
    ...(body !== undefined && { body }),
  });
}

/** Of what is JSON; pictures, archives and streams are left to who asked for them. */
async function textOf(response: Response): Promise<string | undefined> {
  if (!(response.headers.get('content-type') ?? '').includes('json')) return undefined;
  // Whoever asked hears of it when the line breaks in the middle.
  return await response
    .clone()
    .text()
    .catch(() => undefined);
}
