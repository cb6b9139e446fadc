// A receiver of webhooks for tests: it keeps what came, and answers as the test says.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedHook {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Seconds until the answer, and its status; undefined cuts the connection. */
export type HookAnswer = { readonly status: number; readonly afterSeconds?: number } | undefined;

/** @param answer is asked before anything is answered: what it looks at is as the receiver would find it. */
export async function startHookReceiver(answer: (hook: ReceivedHook) => Promise<HookAnswer> | HookAnswer) {
  const hooks: ReceivedHook[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const hook = { headers: request.headers, body: Buffer.concat(chunks).toString() };
    hooks.push(hook);
    const given = await answer(hook);
    if (!given) return void request.socket.destroy();
    setTimeout(() => response.writeHead(given.status).end(), (given.afterSeconds ?? 0) * 1000).unref();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}/hook?token=canary-token-9731`,
    hooks,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type HookReceiver = Awaited<ReturnType<typeof startHookReceiver>>;
