import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { makeProgressView } from './cli-progress.ts';
import { completedView, statusView, waitView } from './scripted-views.ts';

/** A stream that says whether it is a terminal and keeps what was written. */
function fakeStream(isTTY: boolean) {
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY, columns: 120, rows: 40 });
  return { stream: stream as unknown as NodeJS.WriteStream, written: () => String(stream.read() ?? '') };
}

test('a terminal gets a bar with percentage and phase', () => {
  const { stream, written } = fakeStream(true);
  const progress = makeProgressView(false, stream);
  progress.note('Job 1 is queued.');
  progress.show(statusView({ progress: 0.4, phase: 'waking_worker' }));
  progress.stop();
  assert.match(written(), /^Job 1 is queued\.\n[\s\S]*40% .*waking worker/);
});

test('a pipe gets a line only when something has changed', () => {
  const { stream, written } = fakeStream(false);
  const progress = makeProgressView(false, stream);
  const views = [0.1, 0.2, 0.3].map((value) => statusView({ progress: value }));
  for (const view of [...views, statusView({ attempt: 2 }), completedView()]) progress.show(view);
  progress.stop();
  assert.equal(written(), 'processing: stylizing\nprocessing: stylizing (attempt 2)\ncompleted\n');
});

test('a job that waits says behind whom and why, and not anew with every estimate', () => {
  const { stream, written } = fakeStream(false);
  const progress = makeProgressView(false, stream);
  const queued = (position: number, low: number) => {
    const wait = waitView({ reason: 'worker_starting', estimated_seconds: { low, high: 60 } });
    return statusView({ status: 'queued', phase: 'waking_worker', queue_position: position, wait });
  };
  for (const view of [queued(2, 20), queued(2, 19), queued(0, 5)]) progress.show(view);
  assert.equal(
    written(),
    'queued: waking worker; 2 jobs ahead; a worker is starting\nqueued: waking worker; a worker is starting\n',
  );
  const terminal = fakeStream(true);
  const bar = makeProgressView(false, terminal.stream);
  bar.show(queued(2, 20));
  bar.stop();
  assert.match(terminal.written(), /waking worker; 2 jobs ahead; a worker is starting; 20-60 s/);
});

test('nothing that the service says steers the terminal', () => {
  const hostile = '\x1b]0;owned\x07\x9b31m\u202e';
  for (const isTTY of [true, false]) {
    const { stream, written } = fakeStream(isTTY);
    const progress = makeProgressView(false, stream);
    progress.note(hostile);
    progress.show(statusView({ phase: hostile }));
    progress.note(hostile);
    progress.stop();
    const text = written();
    for (const order of ['\x1b]', '\x07', '\x9b', '\u202e'])
      assert.ok(!text.includes(order), JSON.stringify(text));
    assert.ok(text.includes('\\u001b]0;owned\\u0007\\u009b31m\\u202e'), JSON.stringify(text));
  }
});

test('a silent view writes nothing', () => {
  const { stream, written } = fakeStream(true);
  const progress = makeProgressView(true, stream);
  progress.note('Job 1 is queued.');
  progress.show(statusView());
  progress.stop();
  assert.equal(written(), '');
});
