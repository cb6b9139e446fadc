// The real engine: its process, the bundled model, and what happens when that process dies or takes too long.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { JobError, silentLogger } from '@impasto/shared';
import { someParameters, until } from '@impasto/shared/testing';
import sharp from 'sharp';
import { describeEngine } from '../testing/engine-contract.ts';
import { type Engine, startEngine } from './engine.ts';
import type { EngineSettings } from './protocol.ts';

const MiB = 1024 * 1024;
const settings: EngineSettings = {
  modelSource: 'BUNDLED',
  executionProviders: ['cpu'],
  memoryLimitBytes: 4096 * MiB,
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

  it('that one picture after the other kills is there for the next', async () => {
    const deadly = await largeRequest(1024);
    for (const signal of ['SIGSEGV', 'SIGKILL', 'SIGSEGV'] as const) {
      const onProgress = (phase: string) => phase === 'stylizing' && process.kill(childPid(), signal);
      await assert.rejects(
        engine.paint(deadly, { onProgress }),
        (error) => hasCode('engine_crashed')(error) && String(error).includes(signal),
      );
    }
    assert.equal((await engine.paint(deadly)).width, 1024);
  });

  it('that dies while pictures are on their way to it costs them nothing', async () => {
    const pid = childPid();
    process.kill(pid, 'SIGSTOP');
    // More than a pipe holds: the rest of it waits for a reader. No decoder minds what comes after a picture.
    const { content, style, parameters } = await largeRequest(64);
    const long = Buffer.concat([content, randomBytes(8 * MiB)]);
    const painting = engine.paint({ content: long, style, parameters });
    setTimeout(() => process.kill(pid, 'SIGKILL'), 50);
    assert.equal((await painting).width, 64);
    assert.notEqual(childPid(), pid);
  });

  it('that dies while a result is on its way from it fails its picture with engine_crashed', {
    skip: process.platform !== 'linux' && 'only Linux tells how much a process has written',
  }, async () => {
    const request = await largeRequest(1024);
    const parameters = { ...request.parameters, influence: 0 };
    const onProgress = (phase: string) => {
      if (phase !== 'encoding') return;
      const pid = childPid();
      const before = writtenBytes(pid);
      // Nobody reads while this thread waits, so that the pipe fills up with a part of the result.
      while (writtenBytes(pid) < before + 64 * 1024) pauseThread(5);
      process.kill(pid, 'SIGKILL');
    };
    await assert.rejects(engine.paint({ ...request, parameters }, { onProgress }), hasCode('engine_crashed'));
    assert.equal((await engine.paint(await largeRequest(64))).width, 64);
  });

  it('is let go of while pictures are on their way to it when they are given up', async () => {
    process.kill(childPid(), 'SIGSTOP');
    const request = await largeRequest(64);
    const giveUp = new AbortController();
    const long = { ...request, content: randomBytes(8 * MiB) };
    const painting = engine.paint(long, { signal: giveUp.signal });
    setTimeout(() => giveUp.abort(new Error('given up')), 50);
    await assert.rejects(painting, /given up/);
    assert.equal((await engine.paint(request)).width, 64);
  });

  it('that takes more memory than it may is killed with out_of_memory, and the next picture is painted', {
    skip: process.platform !== 'linux' && 'memory is watched on Linux only',
  }, async () => {
    const greedy = { ...settings, memoryLimitBytes: 512 * MiB, maxPixels: 4096 * 4096 };
    const limited = await startEngine({ ...options, settings: greedy });
    try {
      await assert.rejects(limited.paint(await largeRequest(3072)), hasCode('out_of_memory'));
      assert.equal((await limited.paint(await largeRequest(64))).width, 64);
    } finally {
      await limited.stop();
    }
  });

  it('is what the kernel takes first when memory runs out', {
    skip: process.platform !== 'linux' && 'there is no such choice elsewhere',
  }, () => {
    assert.equal(readFileSync(`/proc/${childPid()}/oom_score_adj`, 'utf8').trim(), '1000');
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

  it('stays for the next picture when it was asked to stop and could', async () => {
    const pid = childPid();
    const stop = new AbortController();
    const request = await largeRequest(512);
    const seen: string[] = [];
    // It finds the picture and the wish to stop at once.
    process.kill(pid, 'SIGSTOP');
    const painting = engine.paint(request, { stop: stop.signal, onProgress: (phase) => seen.push(phase) });
    setTimeout(() => {
      stop.abort(new Error('canceled'));
      process.kill(pid, 'SIGCONT');
    }, 50);
    await assert.rejects(painting, /canceled/);
    assert.deepEqual(seen, ['decoding'], 'expected it to stop before the next stage');
    assert.equal((await engine.paint(await largeRequest(64))).width, 64);
    assert.equal(childPid(), pid);
  });

  it('is ended when it does not stop within a few seconds, and the next picture finds another', async () => {
    const pid = childPid();
    process.kill(pid, 'SIGSTOP');
    const stop = new AbortController();
    const painting = engine.paint(await largeRequest(64), { stop: stop.signal });
    stop.abort(new Error('canceled'));
    await assert.rejects(painting, /canceled/);
    await until('a new process', () => children().length === 1 && childPid() !== pid);
    assert.equal((await engine.paint(await largeRequest(64))).width, 64);
  });

  it('that is asked to stop too late paints the next picture all the same', async () => {
    const request = await largeRequest(64);
    for (let delayMs = 0; delayMs <= 40; delayMs += 4) {
      const stop = new AbortController();
      const painting = engine.paint(request, { stop: stop.signal });
      setTimeout(() => stop.abort(new Error('canceled')), delayMs);
      await painting.catch((error) => assert.match(String(error), /canceled/));
      assert.equal((await engine.paint(request)).width, 64);
    }
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

  it('never blocks its parent, neither with large pictures nor with a large result', async () => {
    const { content, style, parameters } = await largeRequest(2048);
    // 16 MiB in, some 11 MiB out.
    const long = Buffer.concat([content, randomBytes(16 * MiB)]);
    let longestTurnMs = 0;
    let last = cpuMs();
    const timer = setInterval(() => {
      longestTurnMs = Math.max(longestTurnMs, cpuMs() - last);
      last = cpuMs();
    }, 1);
    await engine.paint({ content: long, style, parameters: { ...parameters, influence: 0 } });
    clearInterval(timer);
    // Time that this thread computes, whatever else the machine has to do.
    assert.ok(longestTurnMs < 50, `a turn of the loop took ${longestTurnMs} ms`);
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

/** What a process has handed to the system's write calls so far. https://man7.org/linux/man-pages/man5/proc_pid_io.5.html */
function writtenBytes(pid: number): number {
  return Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
}

function pauseThread(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function hasCode(code: string) {
  return (error: unknown) => error instanceof JobError && error.code === code;
}
