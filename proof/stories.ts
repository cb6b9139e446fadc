// What goes on in the house while a fault comes: the least that leads every actor past every one of its moments.
import { JobError } from '@impasto/shared';
import type { FaultPoint } from '../shared/src/testing/fault-points.ts';
import type { Script } from './scripted-engine.ts';

export type StoryName =
  | 'plain' // painted in a second
  | 'slow' // takes more than two leases
  | 'retry' // the first painting fails for no reason of its own
  | 'corrupt' // can never be painted
  | 'stopped' // its worker has to stop in the middle
  | 'message_lost' // its message vanishes from the queue
  | 'claim_lost' // its worker dies, and its message vanishes, too
  | 'late' // its deadline passes before anybody looks at it
  | 'orphan' // its images are there, and no record
  | 'replayed'; // corrupt, until an operator tries it again

export type ActorName = 'door' | 'worker' | 'sweeper' | 'operator';

/** Where in the protocol a fault may come: whose moment it is, and what has to go on for the moment to come. */
export const moments: readonly (readonly [ActorName, StoryName, ...FaultPoint[]])[] = [
  ['door', 'plain', 'inputs.1', 'inputs.2', 'record.created', 'message.sent'],
  ['worker', 'plain', 'received', 'claimed', 'inputs.fetched', 'result.put', 'committed', 'message.deleted'],
  ['worker', 'slow', 'renewed', 'progressed'],
  ['worker', 'retry', 'retried', 'released'],
  ['worker', 'corrupt', 'failed', 'dead.recorded', 'record.read', 'result.deleted'],
  ['worker', 'stopped', 'handed_back'],
  ['sweeper', 'message_lost', 'locked', 'listed', 'peeked', 'resent', 'message.sent'],
  ['sweeper', 'claim_lost', 'lapsed'],
  ['sweeper', 'late', 'expired'],
  ['sweeper', 'orphan', 'inputs.deleted', 'record.read'],
  ['operator', 'replayed', 'record.read', 'dead.read', 'listed', 'replayed', 'message.sent', 'dead.marked'],
];

export function scriptOf(story: StoryName, leaseSeconds: number): Script {
  const seconds = story === 'slow' || story === 'stopped' ? 2.5 * leaseSeconds : leaseSeconds / 30;
  return { seconds, errors: errorsOf(story) };
}

function errorsOf(story: StoryName): Error[] {
  if (story === 'retry') return [new JobError('model_failed', 'out of luck')];
  // Enough of them for every attempt that faults may add.
  if (story === 'corrupt') return Array.from({ length: 8 }, corrupt);
  return story === 'replayed' ? [corrupt()] : [];
}

function corrupt(): JobError {
  return new JobError('image_corrupt', 'Expected a picture, received half of one');
}
