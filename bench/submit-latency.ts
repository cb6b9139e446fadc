// How long a caller waits for the 202, while no worker competes for the processor.

import { percentile } from '../scripts/lib/statistics.ts';
import { contentAt, styleImage } from './pictures.ts';
import { startService } from './service.ts';

export interface SubmitFigures {
  readonly submissions: number;
  /** Size of both images together, before base64. */
  readonly imageBytes: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const warmUps = 20;
const submissions = 200;
const longerSide = 1024;

export async function measureSubmitLatency(
  resources: AsyncDisposableStack,
  note: (line: string) => void,
): Promise<SubmitFigures> {
  note(`submit latency, ${submissions} submissions one after another`);
  // The autoscaler looks once at the start, when nothing is queued, and then in an hour.
  const { client, stop } = await startService({ POLLING_SECONDS: '3600' }, resources);
  const request = { contentImage: await contentAt(longerSide), styleImage: await styleImage() };
  const times: number[] = [];
  for (let count = 0; count < warmUps + submissions; count += 1) {
    const startedAt = performance.now();
    await client.submit(request);
    times.push(performance.now() - startedAt);
  }
  await stop();
  const measured = times.slice(warmUps);
  return {
    submissions,
    imageBytes: request.contentImage.length + request.styleImage.length,
    p50Ms: percentile(measured, 0.5),
    p99Ms: percentile(measured, 0.99),
  };
}
