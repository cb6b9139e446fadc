// A job put into the storage without the service's door, for those who start a worker by itself.
import { randomUUID } from 'node:crypto';
import { continueTrace, messageFor, newJob } from '@impasto/shared';
import type { Storage } from '@impasto/shared/azure';
import type { JobPictures } from './service.ts';
import { parametersFor } from './settings.ts';

/** Puts a job where a worker finds it, as a submission would. @returns its id. */
export async function putJob(
  { images, jobs, queue }: Storage,
  { content, style, maxSide, model }: JobPictures & { readonly model: string },
): Promise<string> {
  const jobId = randomUUID();
  const inputs = { content: `inputs/${jobId}/content`, style: `inputs/${jobId}/style` };
  const traceparent = continueTrace(undefined);
  const parameters = parametersFor(maxSide, model);
  await images.put(inputs.content, content, 'image/jpeg');
  await images.put(inputs.style, style, 'image/jpeg');
  await jobs.create(newJob({ jobId, createdAt: new Date().toISOString(), parameters, inputs, traceparent }));
  await queue.send(messageFor({ jobId, traceparent }));
  return jobId;
}
