import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { makeProgressView } from './cli-progress.ts';
import { completedView, statusView } from './scripted-service.ts';

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

test('a silent view writes nothing', () => {
  const { stream, written } = fakeStream(true);
  const progress = makeProgressView(true, stream);
  progress.note('Job 1 is queued.');
  progress.show(statusView());
  progress.stop();
  assert.equal(written(), '');
});
