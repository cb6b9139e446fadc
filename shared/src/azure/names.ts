// Names of everything we keep in the storage account, defined once for both apps and for the templates.

export const containerNames = {
  jobs: 'jobs',
  inputs: 'inputs',
  results: 'results',
  deadLetters: 'dead-letters',
  workers: 'workers',
  locks: 'locks',
  batches: 'batches',
  deliveries: 'deliveries',
  idempotencyKeys: 'idempotency-keys',
  jobIndex: 'job-index',
  reuse: 'reuse',
} as const;

export const queueName = 'style-jobs';
/** Messages about webhooks to be delivered: a receiver must never keep a worker awake. */
export const webhookQueueName = 'webhooks';
/** Made by the Functions host for messages that its queue function has thrown on too often. */
export const webhookPoisonQueueName = `${webhookQueueName}-poison`;
