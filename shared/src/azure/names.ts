// Names of everything we keep in the storage account, defined once for both apps and for the templates.

export const containerNames = {
  jobs: 'jobs',
  inputs: 'inputs',
  results: 'results',
  deadLetters: 'dead-letters',
  workers: 'workers',
  locks: 'locks',
} as const;

export const queueName = 'style-jobs';
