// Receivers of webhooks under load: most of them misbehave, and those that do not tell how soon they heard.
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { webhookPayloadSchema } from '@impasto/shared';

const slowSeconds = 20;
/** So many of twenty behave so. */
const shares = { ok: 8, slow: 4, failing: 4, resetting: 2, dead: 2 } as const;
type Manners = keyof typeof shares;

export interface HookReceivers {
  /** For the job of this number, from 0: twenty in turn. */
  urlFor(index: number): string;
  isHealthy(index: number): boolean;
  /** By the id of the job: milliseconds from the end that its record shows to the arrival here. */
  readonly heardMs: ReadonlyMap<string, number>;
  /** Calls that came to healthy ones beyond the first for a job. */
  twice(): number;
}

export async function startHookReceivers(resources: AsyncDisposableStack): Promise<HookReceivers> {
  const heardMs = new Map<string, number>();
  let calls = 0;
  const hear: RequestListener = async (request, response) => {
    const atMs = Date.now();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { data } = webhookPayloadSchema.parse(JSON.parse(Buffer.concat(chunks).toString()));
    calls += 1;
    if (!heardMs.has(data.job_id)) heardMs.set(data.job_id, atMs - Date.parse(data.completed_at ?? ''));
    response.writeHead(204).end();
  };
  const behave: Readonly<Record<Exclude<Manners, 'dead'>, RequestListener>> = {
    ok: hear,
    slow: (_request, response) =>
      void setTimeout(() => response.writeHead(200).end(), slowSeconds * 1000).unref(),
    failing: (_request, response) => void response.writeHead(500).end(),
    resetting: (request) => void request.socket.destroy(),
  };
  const receivers: { manners: Manners; url: string }[] = [];
  for (const [manners, count] of Object.entries(shares) as [Manners, number][]) {
    for (let number = 0; number < count; number += 1) {
      const port = manners === 'dead' ? deadPort + number : await listen(behave[manners], resources);
      receivers.push({ manners, url: `http://127.0.0.1:${port}/` });
    }
  }
  const at = (index: number) => receivers[(index * stride) % receivers.length];
  return {
    urlFor: (index) => at(index)?.url ?? '',
    isHealthy: (index) => at(index)?.manners === 'ok',
    heardMs,
    twice: () => calls - heardMs.size,
  };
}

/** Ports that nobody listens on. */
const deadPort = 9;
/** Prime to twenty: the kinds come mixed. */
const stride = 7;

async function listen(listener: RequestListener, resources: AsyncDisposableStack): Promise<number> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  resources.defer(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}
