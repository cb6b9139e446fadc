// Whether a port can be had, found out before anything heavy starts.
import { createServer } from 'node:net';

const loopback = '127.0.0.1';

/** @throws Error when another process listens there, or we may not. */
export async function assertPortFree(port: number): Promise<void> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject).listen(port, loopback, resolve);
    });
  } catch (error) {
    throw new Error(portSentence(port, error), { cause: error });
  }
  await new Promise((resolve) => probe.close(resolve));
}

function portSentence(port: number, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const why =
    code === 'EADDRINUSE' ? 'which another process listens on' : `which cannot be listened on (${code})`;
  return `Expected a free port for PORT, received ${port}, ${why}; set PORT=... to choose another`;
}
