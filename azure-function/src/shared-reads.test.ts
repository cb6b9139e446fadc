import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { shareReads } from './shared-reads.ts';

/** Reads that end when the test says so, each with its number. */
function setUp() {
  const reads: { key: string; end: (error?: Error) => void }[] = [];
  const ask = shareReads(
    (key) =>
      new Promise<number>((resolve, reject) => {
        const number = reads.length + 1;
        reads.push({ key, end: (error) => (error ? reject(error) : resolve(number)) });
      }),
  );
  return { reads, ask };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('shared reads', () => {
  it('reads at once for who is alone, each time anew', async () => {
    const { reads, ask } = setUp();
    for (const number of [1, 2]) {
      const asked = ask('a');
      reads.at(-1)?.end();
      assert.equal(await asked, number);
    }
  });

  it('gives all who ask during a read the one after it, and never the one that began before they asked', async () => {
    const { reads, ask } = setUp();
    const first = ask('a');
    const crowd = [ask('a'), ask('a'), ask('a')];
    assert.equal(reads.length, 1);
    reads[0]?.end();
    assert.equal(await first, 1);
    await turn();
    assert.equal(reads.length, 2);
    const late = ask('a');
    reads[1]?.end();
    assert.deepEqual(await Promise.all(crowd), [2, 2, 2]);
    await turn();
    reads[2]?.end();
    assert.equal(await late, 3);
  });

  it('does not let one key wait for another', () => {
    const { reads, ask } = setUp();
    void ask('a');
    void ask('b');
    assert.deepEqual(
      reads.map(({ key }) => key),
      ['a', 'b'],
    );
  });

  it('passes a failure on to those who asked for that read alone', async () => {
    const { reads, ask } = setUp();
    const first = ask('a');
    const second = ask('a');
    reads[0]?.end(new Error('out of order'));
    await assert.rejects(first, /out of order/);
    await turn();
    reads[1]?.end();
    assert.equal(await second, 2);
  });
});
