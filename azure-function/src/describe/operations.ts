// Every route with its description: the compiler refuses one without.
import type { RouteName } from '../http/routes.ts';
import type { Operation } from './operation.ts';
import { batchOperations } from './operations/batches.ts';
import { deadLetterOperations } from './operations/dead-letters.ts';
import { jobOperations } from './operations/jobs.ts';
import { serviceOperations } from './operations/service.ts';
import { webhookOperations } from './operations/webhooks.ts';

export const operations: Readonly<Record<RouteName, Operation>> = {
  ...jobOperations,
  ...batchOperations,
  ...webhookOperations,
  ...serviceOperations,
  ...deadLetterOperations,
};
