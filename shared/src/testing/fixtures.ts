// Jobs as tests need them.
import { randomUUID } from 'node:crypto';
import { type Job, type JobResult, newJob } from '../job.ts';
import { defaultModel, type JobParameters } from '../submission.ts';

export const someParameters: JobParameters = {
  influence: 0.7,
  creativity: 0.5,
  additionalPrompt: '',
  outputFormat: 'png',
  outputQuality: 90,
  maxSide: 1024,
  model: defaultModel,
};

export function someJob(parameters: Partial<JobParameters> = {}): Job {
  const jobId = randomUUID();
  return newJob({
    jobId,
    createdAt: '2026-01-02T03:04:05.678Z',
    expiresAt: '2100-01-01T00:00:00.000Z',
    parameters: { ...someParameters, ...parameters },
    inputs: { content: `inputs/${jobId}/content`, style: `inputs/${jobId}/style` },
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  });
}

export const someResult: JobResult = {
  key: 'results/x/1-a.png',
  width: 640,
  height: 480,
  format: 'png',
  bytes: 1234,
  sha256: 'ab'.repeat(32),
  processingSeconds: 1.5,
  model: 'impasto-v1@1.0.0',
  executionProvider: 'cpu',
  timings: { decode: 12 },
  prompt: { applied: [], ignored: [] },
  ignoredParameters: [],
  thumbnail: { width: 256, height: 192, bytes: 567 },
};
