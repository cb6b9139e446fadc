// The place where an app on Azure asks for the tokens of its managed identity, on a local socket, for tests.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeIdentity {
  /** What the platform sets for an app with an identity. */
  readonly environment: { readonly IDENTITY_ENDPOINT: string; readonly IDENTITY_HEADER: string };
  /** What tokens were asked for, by callers that knew the header. */
  readonly asked: readonly { readonly clientId: string | null; readonly resource: string | null }[];
  /** The token that everybody gets. */
  readonly token: string;
  stop(): Promise<void>;
}

/** @param givesTokens false: it hears who asks, and refuses. */
export async function startFakeIdentity({ givesTokens = true } = {}): Promise<FakeIdentity> {
  const header = 'the-header';
  const token = 'token-of-the-identity';
  const asked: { clientId: string | null; resource: string | null }[] = [];
  const answer = (request: IncomingMessage) => {
    if (request.headers['x-identity-header'] !== header) return { status: 401, body: {} };
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
    asked.push({ clientId: searchParams.get('client_id'), resource: searchParams.get('resource') });
    const expires_on = Math.floor(Date.now() / 1000) + 3_600;
    const given = { status: 200, body: { access_token: token, expires_on, token_type: 'Bearer' } };
    return givesTokens ? given : { status: 400, body: {} };
  };
  const server = createServer((request, response) => {
    const { status, body } = answer(request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    environment: { IDENTITY_ENDPOINT: `http://127.0.0.1:${port}/msi/token`, IDENTITY_HEADER: header },
    asked,
    token,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
