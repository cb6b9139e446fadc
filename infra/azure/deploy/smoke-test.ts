// One real job through a service that was just deployed: waits for the service, paints a sample, and looks at the result.
// Arguments: folder of samples, folder for the picture, execution provider that must have painted, seconds for all of it.
// Address and key come from IMPASTO_URL and IMPASTO_KEY.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FileJobResult, StyleTransferClient } from '@impasto/shared/client';

const [samples = '', folder = '', provider = '', limit = ''] = process.argv.slice(2);
const baseUrl = process.env.IMPASTO_URL ?? '';
const limitSeconds = Number(limit);
const startedMs = performance.now();
const signal = AbortSignal.timeout(limitSeconds * 1000);

try {
  await waitForService();
  const result = await paint();
  await check(result);
  process.stdout.write(`${describe(result)}\n`);
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  const expected = `Expected a picture within ${limitSeconds} s, for the smoke test of ${baseUrl}, received none`;
  process.stderr.write(`${signal.aborted ? `${expected}: ` : ''}${reason}\n`);
  process.exit(1);
}

/** A new site is not known to every name server at once, and its host starts with the first request. */
async function waitForService(): Promise<void> {
  for (let last = 'no answer yet'; ; ) {
    const answer = await fetch(new URL('/api/health', baseUrl), { signal }).catch((error: Error) => error);
    if (answer instanceof Response && answer.ok) return;
    last = answer instanceof Response ? `status ${answer.status}` : `${answer.message} ${answer.cause ?? ''}`;
    await sleep(Math.min(5, limitSeconds / 10) * 1000, undefined, { signal }).catch(() => {
      throw new Error(`GET /api/health does not answer 200 (${last.trim()})`);
    });
  }
}

/** Anew each time: a reused result would prove nothing about the worker. */
async function paint(): Promise<FileJobResult> {
  const client = new StyleTransferClient({
    baseUrl,
    functionKey: process.env.IMPASTO_KEY,
    // New rights may still be on their way to the storage.
    retrySeconds: Math.min(300, limitSeconds / 2),
    userAgent: 'impasto-deploy',
  });
  let jobId = '';
  const job = client.processStyleTransfer({
    contentImagePath: join(samples, 'landscape.jpg'),
    styleImagePath: join(samples, 'style-waves.jpg'),
    outputPath: join(folder, 'smoke-test.png'),
    maxSide: 512,
    noCache: true,
    signal,
    onSubmitted: (id) => {
      jobId = id;
    },
  });
  return job.catch((error: Error) => {
    throw new Error(`${error.message}${jobId && ` (npx impasto status ${jobId} tells more)`}`);
  });
}

async function check({ jobId, outputPath, job }: FileJobResult): Promise<void> {
  const { size } = await stat(outputPath);
  if (size === 0) throw new Error(`Expected a picture, for job ${jobId}, received an empty file`);
  const { execution_provider: used } = job.result;
  if (used === provider) return;
  throw new Error(`Expected the execution provider ${provider}, for job ${jobId}, received ${used}`);
}

function describe({ jobId, bytes, job }: FileJobResult): string {
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  return `Job ${jobId}: ${bytes} bytes after ${seconds} s, painted on ${job.result.execution_provider}.`;
}
