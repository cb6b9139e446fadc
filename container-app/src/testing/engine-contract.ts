// What every engine must do, the one that tests use as well as the one that paints.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { JobError, type JobParameters } from '@impasto/shared';
import { someParameters } from '@impasto/shared/testing';
import sharp from 'sharp';
import type { Engine } from '../engine/engine.ts';

const parameters: JobParameters = { ...someParameters, maxSide: 64 };
const picture = (width: number, height: number, background: string) =>
  sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer();

export function describeEngine(name: string, getEngine: () => Engine): void {
  describe(`${name}: Engine`, { concurrency: false }, () => {
    const request = async () => ({
      content: await picture(32, 24, 'teal'),
      style: await picture(40, 40, 'orange'),
      parameters,
    });

    it('paints, and says how', async () => {
      const seen: string[] = [];
      const painting = await getEngine().paint(await request(), { onProgress: (phase) => seen.push(phase) });
      assert.deepEqual([painting.width, painting.height, painting.format], [32, 24, 'png']);
      const { width, height, format } = await sharp(painting.image).metadata();
      assert.deepEqual([width, height, format], [32, 24, 'png']);
      assert.match(painting.model, /^impasto-v1@/);
      assert.equal(painting.executionProvider, getEngine().facts.executionProvider);
      assert.ok(seen.includes('stylizing'), seen.join());
    });

    it('gives the digests of the picture that it gives', async () => {
      const { image, sha256, md5 } = await getEngine().paint(await request());
      const digest = (algorithm: string) => createHash(algorithm).update(image).digest();
      assert.equal(sha256, digest('sha256').toString('hex'));
      assert.deepEqual(Buffer.from(md5), digest('md5'));
    });

    it('gives a small WebP beside it, with its digests', async () => {
      const { thumbnail } = await getEngine().paint(await request());
      const { format, width, height } = await sharp(thumbnail.image).metadata();
      assert.deepEqual([format, width, height], ['webp', thumbnail.width, thumbnail.height]);
      assert.deepEqual([width, height], [32, 24]);
      assert.deepEqual(Buffer.from(thumbnail.md5), createHash('md5').update(thumbnail.image).digest());
    });

    it('refuses a picture that it cannot read, and paints the next', async () => {
      const bad = { ...(await request()), content: Buffer.from('not a picture') };
      await assert.rejects(getEngine().paint(bad), isFinalError);
      assert.equal((await getEngine().paint(await request())).width, 32);
    });

    it('stops for an aborted signal with its reason, and paints the next', async () => {
      const stop = new AbortController();
      const reason = new Error('enough');
      const painting = getEngine().paint(await request(), {
        signal: stop.signal,
        onProgress: () => stop.abort(reason),
      });
      await assert.rejects(painting, (error) => error === reason);
      assert.equal((await getEngine().paint(await request())).width, 32);
    });

    it('stops with the reason when it is asked to before it has finished, and paints the next', async () => {
      const stop = new AbortController();
      const reason = new Error('no longer wanted');
      const painting = getEngine().paint(await request(), {
        stop: stop.signal,
        onProgress: () => stop.abort(reason),
      });
      const end = await painting.then(
        () => 'finished',
        (error: unknown) => error,
      );
      assert.ok(end === 'finished' || end === reason, String(end));
      assert.equal((await getEngine().paint(await request())).width, 32);
    });

    it('has no use for an empty picture, and paints the next', async () => {
      const empty = new Uint8Array();
      await assert.rejects(getEngine().paint({ content: empty, style: empty, parameters }), isFinalError);
      assert.equal((await getEngine().paint(await request())).width, 32);
    });

    it('does not begin for a signal that is aborted already', async () => {
      const signal = AbortSignal.abort(new Error('no'));
      await assert.rejects(getEngine().paint(await request(), { signal }), /^Error: no$/);
      await assert.rejects(getEngine().paint(await request(), { stop: signal }), /^Error: no$/);
    });
  });
}

function isFinalError(error: unknown): boolean {
  return error instanceof JobError && !error.retryable && /image/.test(error.code);
}
