// Event streams at the end of the process: their readers come back by themselves, so nobody waits for them to end.
import type { Server, ServerResponse } from 'node:http';

/** @returns a function that cuts off the event streams that are open then. */
export function trackEventStreams(server: Server): () => void {
  const open = new Set<ServerResponse>();
  server.on('request', (_request, response) => {
    open.add(response);
    response.once('close', () => open.delete(response));
  });
  return () => {
    for (const response of open) {
      const type = String(response.getHeader('content-type'));
      if (/^text\/event-stream\b/i.test(type)) response.destroy();
    }
  };
}
