// The place where an app on Azure asks for the tokens of its managed identity, for tests.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export async function startFakeIdentity() {
  const asked: { clientId: string | null; resource: string | null }[] = [];
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
    asked.push({ clientId: searchParams.get('client_id'), resource: searchParams.get('resource') });
    const expires_on = Math.floor(Date.now() / 1000) + 3_600;
    const token = { access_token: 'token-of-the-identity', expires_on, token_type: 'Bearer' };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(token));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    /** What the platform sets for an app with an identity. */
    environment: { IDENTITY_ENDPOINT: `http://127.0.0.1:${port}/msi/token`, IDENTITY_HEADER: 'header' },
    asked,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
