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
  | 'replayed' // corrupt, until an operator tries it again
  | 'keyed' // sent with a key, again and again until it is taken, and once more
  | 'canceled' // its caller cancels it while it is being painted
  | 'removed' // its caller deletes it while it is being painted
  | 'told' // somebody wants to know of its end
  | 'told_lost'; // and the message about it vanishes

export type ActorName = 'door' | 'worker' | 'sweeper' | 'operator' | 'caller' | 'postman';

/** Where in the protocol a fault may come: whose moment it is, and what has to go on for the moment to come. */
export const moments: readonly (readonly [ActorName, StoryName, ...FaultPoint[]])[] = [
  ['door', 'plain', 'indexed', 'inputs.1', 'inputs.2', 'record.created', 'message.sent'],
  ['door', 'keyed', 'key.written', 'indexed', 'inputs.1', 'record.created', 'message.sent'],
  ['worker', 'plain', 'received', 'claimed', 'inputs.fetched', 'result.put', 'thumbnail.put', 'committed'],
  ['worker', 'plain', 'message.deleted'],
  ['worker', 'canceled', 'canceled', 'result.deleted'],
  ['worker', 'removed', 'result.deleted'],
  ['worker', 'told', 'notice.sent'],
  ['worker', 'slow', 'renewed', 'progressed'],
  ['worker', 'retry', 'retried', 'released'],
  ['worker', 'corrupt', 'failed', 'dead.recorded', 'record.read', 'result.deleted'],
  ['worker', 'stopped', 'handed_back'],
  ['sweeper', 'message_lost', 'locked', 'listed', 'peeked', 'resent', 'message.sent'],
  ['sweeper', 'claim_lost', 'lapsed'],
  ['sweeper', 'late', 'expired'],
  ['sweeper', 'told_lost', 'delivery.written', 'notice.sent'],
  ['caller', 'canceled', 'progressed'],
  ['caller', 'removed', 'record.deleted', 'inputs.deleted', 'unindexed'],
  ['postman', 'told', 'received', 'delivery.written', 'document.read', 'message.deleted'],
  ['sweeper', 'orphan', 'inputs.deleted', 'record.read'],
  ['operator', 'replayed', 'record.read', 'dead.read', 'listed', 'replayed', 'message.sent', 'dead.marked'],
];

export function scriptOf(story: StoryName, leaseSeconds: number): Script {
  const isSlow = ['slow', 'stopped', 'canceled', 'removed'].includes(story);
  const seconds = isSlow ? 2.5 * leaseSeconds : leaseSeconds / 30;
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
