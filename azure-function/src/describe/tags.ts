// The chapters of the description.

export const tags = [
  { name: 'Jobs', description: 'Send two pictures, see how the job is doing, fetch what was painted.' },
  { name: 'Batches', description: 'Many pictures in many styles with one request; each image is sent once.' },
  {
    name: 'Webhooks',
    description:
      'What the receiver of a job was told. Receivers are called as [Standard Webhooks](https://www.standardwebhooks.com) 1.0.0 has it.',
  },
  { name: 'Service', description: 'What the service is, what it takes, and whether it is well.' },
  {
    name: 'Dead letters',
    description: 'For operators, with the master key alone: jobs and messages that ended badly.',
  },
] as const;

export type Tag = (typeof tags)[number]['name'];
