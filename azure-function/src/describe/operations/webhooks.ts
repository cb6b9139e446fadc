// What the routes of deliveries do.
import { deliveryListSchema, deliveryViewSchema } from '@impasto/shared';
import * as examples from '../examples.ts';
import { jobRefusals, type Operation } from '../operation.ts';

export const webhookOperations = {
  'list-deliveries': {
    tag: 'Webhooks',
    summary: 'See what a receiver was told',
    description:
      'Every event that the receiver of the job wants to know of, with each attempt; oldest first.',
    answers: {
      200: {
        description: 'The deliveries; none of a job without a `webhook_url`.',
        content: {
          schema: deliveryListSchema,
          examples: {
            delivered: {
              summary: 'One that arrived',
              value: { job_id: examples.exampleJobId, deliveries: [examples.delivery] },
            },
          },
        },
      },
    },
    refusals: jobRefusals,
  },
  redeliver: {
    tag: 'Webhooks',
    summary: 'Tell a receiver again',
    description:
      'Now, and by the whole schedule where that fails. The `webhook-id` stays the same. One that is under way already is left to itself.',
    answers: {
      202: {
        description: 'The delivery as it is now.',
        content: {
          schema: deliveryViewSchema,
          examples: { delivery: { summary: 'A delivery', value: examples.delivery } },
        },
      },
    },
    refusals: [...jobRefusals, 'delivery_not_found'],
  },
} as const satisfies Record<string, Operation>;
