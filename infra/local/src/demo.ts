// The main job through the real path, for somebody who wants to see it: submit, queue, worker, poll, download.
//   npm run demo                                        our own landscape in two styles
//   npm run demo -- content.jpg style.jpg result.png    pictures of your own
import { mkdir } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { messageOf } from '@impasto/shared';
import { StyleTransferClient } from '@impasto/shared/client';
import { makeProgressView } from '@impasto/shared/client/cli-progress';
import { findOrStartService, type Service } from './demo-service.ts';

interface Painting {
  readonly content: string;
  readonly style: string;
  readonly result: string;
}

// npm changes to the project's folder; the paths that were typed are those of the caller's.
const callerDir = process.env.INIT_CWD ?? process.cwd();
const samples = resolve(import.meta.dirname, '../../../samples');

const controller = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());

let service: Service | undefined;
try {
  const paintings = await choose(process.argv.slice(2));
  service = await findOrStartService(controller.signal);
  for (const painting of paintings) await paint(service.url, painting);
} catch (error) {
  if (controller.signal.aborted) console.error('Stopped.');
  else console.error(messageOf(error));
  process.exitCode = 1;
} finally {
  await service?.stop();
}
process.exit();

async function choose(paths: readonly string[]): Promise<Painting[]> {
  const [content, style, result, ...rest] = paths;
  if (content === undefined) return ourOwn();
  if (style === undefined || result === undefined || rest.length > 0) {
    throw new Error(
      `Expected npm run demo -- CONTENT STYLE RESULT, or no paths at all, received ${paths.join(' ')}`,
    );
  }
  return [
    {
      content: resolve(callerDir, content),
      style: resolve(callerDir, style),
      result: resolve(callerDir, result),
    },
  ];
}

async function ourOwn(): Promise<Painting[]> {
  const folder = resolve(process.env.IMPASTO_DATA_DIR ?? '.impasto', 'demo');
  await mkdir(folder, { recursive: true });
  return ['waves', 'mosaic'].map((style) => ({
    content: join(samples, 'landscape.jpg'),
    style: join(samples, `style-${style}.jpg`),
    result: join(folder, `landscape-${style}.png`),
  }));
}

async function paint(url: string, { content, style, result }: Painting): Promise<void> {
  const progress = makeProgressView(false, process.stderr);
  const client = new StyleTransferClient({ baseUrl: url });
  console.log(`\nPainting ${basename(content)} in the style of ${basename(style)}`);
  const startedAt = performance.now();
  const done = await client
    .processStyleTransfer({
      contentImagePath: content,
      styleImagePath: style,
      outputPath: result,
      influence: 0.9,
      signal: controller.signal,
      onSubmitted: (jobId) => progress.note(`  job ${jobId}`),
      onProgress: progress.show,
    })
    .finally(progress.stop);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const { width, height, timings, model, execution_provider } = done.job.result;
  const stages = Object.entries(timings).map(([stage, ms]) => `${stage} ${ms}`);
  console.log(
    `  ${relative(callerDir, result) || result}: ${width} x ${height} in ${seconds} s, by ${model} on ${execution_provider}`,
  );
  console.log(`  milliseconds: ${stages.join(', ')}`);
}
