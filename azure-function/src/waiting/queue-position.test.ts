import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { queuePosition } from './queue-position.ts';

type Place = Parameters<typeof queuePosition>[0];

const nameOf = (index: number) => `job-${String(index).padStart(4, '0')}`;

/** What is to be seen of jobs that were sent so many seconds ago, oldest first. */
function placeOf(index: number, sentSecondsAgo: readonly number[], more: Partial<Place> = {}): Place {
  const messages = sentSecondsAgo.map((ageSeconds, at) => ({
    text: `{"job_id":"${nameOf(at)}"}`,
    ageSeconds,
  }));
  return {
    jobId: nameOf(index),
    waitedSeconds: sentSecondsAgo[index] ?? 0,
    look: { head: messages.slice(0, 32), messages: messages.length },
    lookedAgo: 0,
    inWork: 0,
    sentAgo: [],
    ...more,
  };
}

const evenly = (count: number) => Array.from({ length: count }, (_, index) => 2 * (count - index));

describe('the position in the queue', () => {
  it('is counted where the message is among those that are next', () => {
    for (const index of [0, 1, 31]) assert.equal(queuePosition(placeOf(index, evenly(100))), index);
    assert.equal(queuePosition(placeOf(0, [5])), 0);
  });

  it('is estimated further back, and is less than the messages that wait', () => {
    for (let index = 32; index < 100; index += 1) {
      const position = queuePosition(placeOf(index, evenly(100))) ?? -1;
      assert.ok(Math.abs(position - index) <= 2, `${position} for ${index}`);
      assert.ok(position >= 32 && position < 100);
    }
  });

  it('leaves out those that are being worked on', () => {
    const ages = evenly(100);
    const look = { head: placeOf(0, ages).look.head, messages: 103 };
    assert.equal(queuePosition(placeOf(99, ages, { look, inWork: 3, waitedSeconds: 0 })), 99);
  });

  it('follows when jobs were sent, where this instance knows: many at once are not spread over the time', () => {
    // 150 within two seconds, a hundred seconds ago.
    const ages = Array.from({ length: 150 }, (_, index) => 102 - index / 75);
    for (const index of [32, 60, 100, 149]) {
      const position = queuePosition(placeOf(index, ages, { sentAgo: ages })) ?? -1;
      assert.ok(Math.abs(position - index) <= 2, `${position} for ${index}`);
    }
  });

  it('never grows while the jobs in front are taken one by one', () => {
    const sent = evenly(200);
    let before = Number.POSITIVE_INFINITY;
    for (let taken = 0; taken < 150; taken += 1) {
      const ages = sent.slice(taken).map((age) => age + taken);
      const place = placeOf(150 - taken, ages);
      const position = queuePosition(place) ?? -1;
      assert.ok(position <= before, `${position} after ${before}`);
      before = position;
    }
    assert.equal(before, 1);
  });

  it('is behind all that were seen, and what was sent since, for a job that came after the look', () => {
    const look = { lookedAgo: 0.8, waitedSeconds: 0.3 };
    const ages = [9, 8, 7];
    assert.equal(queuePosition(placeOf(3, ages, look)), 3);
    assert.equal(queuePosition(placeOf(3, ages, { ...look, sentAgo: [9, 8, 7, 0.6, 0.4, 0.3, 0.1] })), 5);
    assert.equal(queuePosition(placeOf(0, [], { lookedAgo: 0.8, waitedSeconds: 0, sentAgo: [0.01] })), 0);
  });

  it('is none for a job whose message nobody sees: somebody is about to begin it', () => {
    assert.equal(queuePosition(placeOf(3, [9, 8, 7], { waitedSeconds: 30 })), 0);
  });

  it('is unknown where nobody could look', () => {
    assert.equal(queuePosition(placeOf(0, [5], { look: { head: undefined, messages: 4 } })), undefined);
  });

  it('is never less than nothing, whatever the count says', () => {
    for (const messages of [undefined, 0, 3, 33])
      assert.equal(
        queuePosition(
          placeOf(60, evenly(100), { look: { head: placeOf(0, evenly(100)).look.head, messages } }),
        ),
        32,
      );
  });
});
