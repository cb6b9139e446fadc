// The service that the demo talks to: the one that runs already, or one of its own for as long as it lasts.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { readyUrl } from './ready-url.ts';

export interface Service {
  readonly url: string;
  stop(): Promise<void>;
}

export async function findOrStartService(signal: AbortSignal): Promise<Service> {
  const url = process.env.IMPASTO_URL ?? `http://localhost:${process.env.PORT ?? 7071}`;
  if (await isRunning(url, signal)) {
    console.log(`Using the service at ${url}.`);
    return { url, stop: async () => {} };
  }
  if (process.env.IMPASTO_URL !== undefined)
    throw new Error(`Expected a service at IMPASTO_URL, ${url}, found none`);
  console.log(`No service at ${url}: starting one for this demo (npm start keeps one running).`);
  return await startService(signal);
}

async function isRunning(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/api`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]),
    });
    const { name } = (await answer.json()) as { name?: string };
    return name === 'impasto';
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

async function startService(signal: AbortSignal): Promise<Service> {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  // A group of its own, so that Ctrl-C reaches it through us and in good order.
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const exited = once(child, 'exit');
  signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  return { url: await readyUrl(child, exited), stop };
}
