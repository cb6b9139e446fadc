// The life of a child process of ours: start, say so, serve, and close in good order when the parent lets go.
import { endProcess, messageOf } from '@impasto/shared';

interface Service {
  /** What the parent needs to know. */
  readonly ready: object;
  stop(): Promise<void>;
}

/**
 * Starts a service and runs it until the parent closes the channel between the two, be it on purpose or by dying. Signals
 * are ignored: Ctrl-C goes to every process of the terminal, and it is the parent's business who stops first.
 */
export async function serveParent(start: () => Promise<Service>): Promise<never> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  // The parent reads our output; when it is gone, a line too many must not stop us from closing in order.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const abandoned = new Promise<void>((resolve) => {
    process.once('disconnect', resolve);
    if (!process.connected) resolve();
  });
  try {
    const service = await start();
    if (process.connected) process.send?.({ type: 'ready', ...service.ready });
    await abandoned;
    await service.stop();
    endProcess();
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`, () => process.exit(1));
    return new Promise<never>(() => {});
  }
}
