// The real engine: its process, the bundled model, and what happens when that process dies or takes too long.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { JobError, silentLogger } from '@impasto/shared';
import { someParameters, until } from '@impasto/shared/testing';
import sharp from 'sharp';
import { describeEngine } from '../testing/engine-contract.ts';
import { type Engine, startEngine } from './engine.ts';
import type { EngineSettings } from './protocol.ts';

const settings: EngineSettings = {
  modelSource: 'BUNDLED',
  executionProviders: ['cpu'],
  memoryLimitBytes: 4 * 1024 ** 3,
};
const options = { settings, inferenceTimeoutSeconds: 60, log: silentLogger };
let engine: Engine;

before(async () => {
  engine = await startEngine(options);
});
after(() => engine.stop());

describeEngine('process', () => engine);

describe('the engine process', () => {
  it('that dies in the middle fails its picture with engine_crashed, and the next finds a new one', async () => {
    const request = await largeRequest();
    const onProgress = (phase: string) => phase === 'stylizing' && process.kill(childPid(), 'SIGKILL');
    await assert.rejects(engine.paint(request, { onProgress }), hasCode('engine_crashed'));
    assert.equal(
      (await engine.paint({ ...request, parameters: { ...request.parameters, maxSide: 64 } })).width,
      64,
    );
  });

  it('that dies while nobody paints costs no picture anything', async () => {
    process.kill(childPid(), 'SIGKILL');
    await until('the process to be gone', () => children().length === 0);
    assert.equal((await engine.paint(await largeRequest(64))).width, 64);
  });

  it('that hangs while it starts holds nobody: neither a picture that is given up nor the stop', async () => {
    const other = await startEngine(options);
    process.kill(newestChild(), 'SIGKILL');
    await until('one process', () => children().length === 1);
    const giveUp = new AbortController();
    const painting = other.paint(await largeRequest(64), { signal: giveUp.signal });
    const starting = await until('the next process', () => children().length === 2 && newestChild());
    process.kill(starting, 'SIGSTOP');
    giveUp.abort(new Error('given up'));
    await assert.rejects(painting, /given up/);
    await other.stop();
    await until('the hanging process to be gone', () => !children().includes(starting));
  });

  it('that ignores SIGTERM finishes what its parent lets it finish', async () => {
    const request = await largeRequest(256);
    const onProgress = (phase: string) => phase === 'stylizing' && process.kill(childPid(), 'SIGTERM');
    assert.equal((await engine.paint(request, { onProgress })).width, 256);
  });

  it('that takes too long is killed, with inference_timeout', async () => {
    const hasty = await startEngine({ ...options, inferenceTimeoutSeconds: 0.3 });
    try {
      await assert.rejects(hasty.paint(await largeRequest(2048)), hasCode('inference_timeout'));
    } finally {
      await hasty.stop();
    }
  });

  it('that cannot load its model says why, once and clearly', async () => {
    const wrong = {
      ...options,
      settings: { ...settings, modelSource: 'FILE', modelPath: '/no/such/model' } as const,
    };
    await assert.rejects(
      startEngine(wrong),
      (error) => hasCode('model_unavailable')(error) && /\/no\/such\/model/.test(String(error)),
    );
  });

  it('never blocks its parent while it paints', async () => {
    let longestGapMs = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longestGapMs = Math.max(longestGapMs, performance.now() - last);
      last = performance.now();
    }, 5);
    const started = performance.now();
    await engine.paint(await largeRequest(1024));
    clearInterval(timer);
    const tookMs = performance.now() - started;
    // Not a speed test: an inference on this thread would make the gap as long as the painting itself.
    assert.ok(longestGapMs < tookMs / 2, `gap ${longestGapMs} ms of ${tookMs} ms`);
  });

  it('ends with its parent', async () => {
    const other = await startEngine(options);
    const before = children().length;
    await other.stop();
    await until('the process to be gone', () => children().length < before);
  });
});

async function largeRequest(side = 1536) {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
  const picture = sharp({ create: { width: side, height: side, channels: 3, background: 'grey', noise } });
  const content = await picture.jpeg().toBuffer();
  return { content, style: content, parameters: { ...someParameters, maxSide: side } };
}

function children(): number[] {
  const list = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  return list
    .split('\n')
    .filter((line) => line.includes('engine-process'))
    .map((line) => Number.parseInt(line, 10));
}

function newestChild(): number {
  return Math.max(...children());
}

function childPid(): number {
  const [pid] = children();
  assert.ok(pid !== undefined);
  return pid;
}

function hasCode(code: string) {
  return (error: unknown) => error instanceof JobError && error.code === code;
}
