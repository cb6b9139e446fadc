// Receivers of webhooks for tests: real HTTPS servers, honest ones and ones that do to the caller what they like.
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import type { Certificate } from '@impasto/shared/testing';

export interface Receiver {
  readonly url: string;
  readonly port: number;
  /** Connections that were made, and those that are open now. */
  readonly connections: { made: number; open: number };
  stop(): Promise<void>;
}

/** Answers requests as any server does. */
export function startReceiver(certificate: Certificate, listener: RequestListener): Promise<Receiver> {
  return listen(createServer(certificate, listener));
}

/** Does what it likes with the connection, once a request has begun to arrive. */
export function startLiar(certificate: Certificate, lie: (socket: TLSSocket) => void): Promise<Receiver> {
  return listen(
    createTlsServer(certificate, (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.resume();
        lie(socket);
      });
    }),
  );
}

async function listen(server: ReturnType<typeof createTlsServer>): Promise<Receiver> {
  const sockets = new Set<Socket>();
  const connections = { made: 0, open: 0 };
  server.on('connection', (socket: Socket) => {
    connections.made += 1;
    connections.open = sockets.add(socket).size;
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      connections.open = sockets.size;
    });
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://localhost:${port}/hook`,
    port,
    connections,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
