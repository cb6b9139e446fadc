import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Point, StorageCall } from '@impasto/shared/testing/fault-proxy';
import { makeLedger } from './ledger.ts';

const call = (client: string, point: Point, jobId = 'job'): StorageCall => ({
  client,
  point,
  jobId,
  service: 'blob',
  method: 'PUT',
  path: '/',
  arrivedAtMs: 0,
});

describe('the ledger', () => {
  it('counts what was carried out, and nothing that was refused', () => {
    const ledger = makeLedger();
    ledger.accepted('job');
    ledger.onAnswer(call('one', 'claimed'), 201);
    ledger.onAnswer(call('two', 'claimed'), 412);
    assert.deepEqual([ledger.openCount, ledger.executedTwice()], [1, []]);
    ledger.onAnswer(call('one', 'committed'), 201);
    assert.deepEqual([ledger.openCount, ledger.unfinished(), ledger.committedTwice()], [0, [], []]);
  });

  it('knows a job that was committed twice', () => {
    const ledger = makeLedger();
    ledger.onAnswer(call('one', 'committed'), 201);
    ledger.onAnswer(call('two', 'committed'), 201);
    assert.deepEqual(ledger.committedTwice(), ['job']);
  });

  it('counts a job as ended that had ended before its client was told that it is taken', () => {
    const ledger = makeLedger();
    ledger.onAnswer(call('one', 'committed'), 201);
    ledger.accepted('job');
    assert.deepEqual([ledger.acceptedCount, ledger.openCount], [1, 0]);
  });

  it('times a take-over from the kill to the next claim', () => {
    const ledger = makeLedger();
    ledger.onAnswer(call('one', 'claimed'), 201);
    ledger.killed('one');
    ledger.killed('two');
    assert.equal(ledger.takeOverSeconds.length, 0);
    ledger.onAnswer(call('two', 'claimed'), 201);
    assert.equal(ledger.takeOverSeconds.length, 1);
    assert.deepEqual(ledger.executedTwice(), ['job']);
  });
});
