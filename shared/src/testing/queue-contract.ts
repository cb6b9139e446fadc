// What every JobQueue must do, whoever implements it. Visibility is real time: the service's smallest step is 1 s.
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { type JobQueue, LeaseLost } from '../ports.ts';
import { until } from './until.ts';

export function describeJobQueue(name: string, getQueue: () => JobQueue): void {
  describe(`${name}: JobQueue`, { concurrency: false }, () => {
    const receive = (seconds: number) => getQueue().receive(seconds);
    const receiveSoon = (seconds: number) => until('a visible message', () => receive(seconds));

    afterEach(async () => {
      await until('an empty queue', async () => {
        await (await receive(1))?.remove();
        return (await getQueue().countMessages()) === 0;
      });
    });

    it('hands a message to one receiver, text untouched', async () => {
      const text = JSON.stringify({ v: 1, note: '<&"\'> ünïcode' });
      await getQueue().send(text);
      const message = await receive(30);
      assert.equal(message?.text, text);
      assert.equal(message.deliveries, 1);
      assert.ok(message.ageSeconds >= 0 && message.ageSeconds < 60);
      assert.equal(await receive(30), undefined);
      await message.remove();
    });

    it('counts messages that are being worked on', async () => {
      await getQueue().send('a');
      await getQueue().send('b');
      const message = await receive(30);
      assert.equal(await getQueue().countMessages(), 2);
      await message?.remove();
      assert.equal(await getQueue().countMessages(), 1);
    });

    it('shows the messages that wait, oldest first, and leaves them as they are', async () => {
      await getQueue().send('worked on');
      const message = await receive(30);
      await getQueue().send('first');
      await getQueue().send('second');
      const waiting = await getQueue().peek();
      assert.deepEqual(
        waiting.map(({ text }) => text),
        ['first', 'second'],
      );
      assert.ok(waiting.every(({ ageSeconds }) => ageSeconds >= 0 && ageSeconds < 60));
      assert.equal((await receive(1))?.deliveries, 1);
      await message?.remove();
    });

    it('hands a message out again when its time is over, and refuses the first receiver then', async () => {
      await getQueue().send('again');
      const first = await receive(1);
      const second = await receiveSoon(30);
      assert.equal(second.deliveries, 2);
      assert.ok(first);
      await assert.rejects(first.setVisibility(30), LeaseLost);
      await assert.rejects(first.remove(), LeaseLost);
      await second.remove();
    });

    it('keeps a renewed message from others, renewal after renewal', async () => {
      await getQueue().send('mine');
      const message = await receive(1);
      assert.ok(message);
      await message.setVisibility(30);
      await message.setVisibility(30);
      assert.equal(await receive(30), undefined);
      await message.remove();
    });

    it('hands a message back at once with visibility 0', async () => {
      await getQueue().send('back');
      await (await receive(30))?.setVisibility(0);
      const again = await receiveSoon(30);
      assert.equal(again.text, 'back');
      await again.remove();
    });

    it('keeps a message from everybody until its delay is over', async () => {
      const queue = getQueue();
      const sentAtMs = performance.now();
      await queue.send('later', { delaySeconds: 2 });
      assert.equal(await receive(30), undefined);
      assert.deepEqual(await queue.peek(), []);
      assert.equal(await queue.countMessages(), 1);
      const message = await receiveSoon(30);
      assert.equal(message.text, 'later');
      // The service counts in whole seconds.
      assert.ok(performance.now() - sentAtMs > 900);
      await message.remove();
    });

    it('takes the removal of a message that is gone for done', async () => {
      await getQueue().send('gone');
      const message = await receive(30);
      await message?.remove();
      await message?.remove();
      assert.equal(await getQueue().countMessages(), 0);
    });
  });
}
