// A caller that goes to every address of the API once, and notes what each answers.
import { z } from 'zod';
import { good } from '../corpus/pictures.ts';

/** By method and template of the path, such as `GET /api/status/{job_id}`: status and kind of content. */
export type Tour = Record<string, string>;

type Ids = Readonly<Record<string, string>>;
type Stop = readonly [address: string, body?: unknown];

const nobody = '00000000-0000-0000-0000-000000000000';

/** @param baseUrl of a service in which nothing works at jobs. @returns every address that was gone to. */
export async function takeTour(baseUrl: string): Promise<Tour> {
  const tour: Tour = {};
  const go = async (ids: Ids, stops: readonly Stop[]) => {
    for (const stop of stops) tour[stop[0]] = await visit(baseUrl, ids, stop);
  };
  const { job_id } = await created(baseUrl, 'style-transfer', good);
  const batch = { content_images: [good.content_image], style_images: [good.style_image] };
  const { batch_id } = await created(baseUrl, 'style-transfer/batch', batch);
  await go({}, fixed);
  await go({}, [
    ['POST /api/style-transfer', good],
    ['POST /api/style-transfer/batch', batch],
  ]);
  await go({ batch_id: z.string().parse(batch_id) }, ofBatch);
  await go({ job_id: z.string().parse(job_id), delivery_id: 'job.completed.1' }, ofJob);
  await go({ id: nobody }, ofLetters);
  return tour;
}

const fixed: readonly Stop[] = [
  ['GET /api'],
  ['GET /api/health'],
  ['GET /api/limits'],
  ['GET /api/openapi.json'],
  ['GET /api/docs'],
  ['GET /api/jobs'],
  ['GET /api/metrics'],
];

const ofBatch: readonly Stop[] = [
  ['GET /api/batch/{batch_id}'],
  ['GET /api/batch/{batch_id}/results'],
  ['POST /api/batch/{batch_id}/cancel'],
  ['DELETE /api/batch/{batch_id}'],
];

/** Once it is cancelled its stream of events has an end. */
const ofJob: readonly Stop[] = [
  ['GET /api/status/{job_id}'],
  ['GET /api/jobs/{job_id}'],
  ['GET /api/result/{job_id}'],
  ['HEAD /api/result/{job_id}'],
  ['POST /api/cancel/{job_id}'],
  ['GET /api/status/{job_id}/events'],
  ['GET /api/jobs/{job_id}/deliveries'],
  ['POST /api/jobs/{job_id}/deliveries/{delivery_id}/redeliver'],
  ['DELETE /api/jobs/{job_id}'],
];

const ofLetters: readonly Stop[] = [
  ['GET /api/dead-letters'],
  ['GET /api/dead-letters/{id}'],
  ['POST /api/dead-letters/{id}/replay'],
  ['DELETE /api/dead-letters/{id}'],
  ['POST /api/dead-letters/replay', { all: true }],
  ['DELETE /api/dead-letters'],
];

async function created(baseUrl: string, path: string, body: unknown): Promise<Record<string, unknown>> {
  const response = await send(`${baseUrl}/api/${path}`, 'POST', body);
  if (response.status !== 202) throw new Error(`Expected 202 of ${path}, received ${await response.text()}`);
  return z.record(z.string(), z.unknown()).parse(await response.json());
}

async function visit(baseUrl: string, ids: Ids, [address, body]: Stop): Promise<string> {
  const [method = '', template = ''] = address.split(' ');
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? '');
  const response = await send(`${baseUrl}${path}`, method, body);
  const text = await response.text();
  const code = /"code":"(\w+)"/.exec(response.ok ? '' : text)?.[1] ?? '';
  return `${response.status} ${response.headers.get('content-type')} ${code}`.trim();
}

function send(url: string, method: string, body: unknown): Promise<Response> {
  if (body === undefined) return fetch(url, { method });
  const headers = { 'content-type': 'application/json' };
  return fetch(url, { method, headers, body: JSON.stringify(body) });
}
