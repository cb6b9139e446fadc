import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { confirm } from './cli-confirm.ts';

function ask(isTTY: boolean, signal = new AbortController().signal) {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = new PassThrough();
  return { input, output, answer: confirm('Really?', { input, output, signal }) };
}

describe('the question before a purge', () => {
  it('takes y and yes for a yes', async () => {
    for (const line of ['y\n', ' YES \n', 'Yes\r\n']) {
      const { input, output, answer } = ask(true);
      input.write(line);
      await answer;
      output.end();
      assert.equal(await text(output), 'Really? [y/N] ');
    }
  });

  it('takes everything else for a no', async () => {
    for (const line of ['\n', 'n\n', 'yesterday\n', 'ja\n']) {
      const { input, answer } = ask(true);
      input.write(line);
      await assert.rejects(answer, { code: 'aborted' });
    }
  });

  it('takes the end of the input and an interruption for a no', async () => {
    const ended = ask(true);
    ended.input.end();
    await assert.rejects(ended.answer, { code: 'aborted' });
    const interruption = new AbortController();
    const interrupted = ask(true, interruption.signal);
    interruption.abort();
    await assert.rejects(interrupted.answer, { code: 'aborted' });
  });

  it('is not asked where nobody can answer', async () => {
    const { output, answer } = ask(false);
    await assert.rejects(answer, { code: 'invalid_argument' });
    output.end();
    assert.equal(await text(output), '');
  });
});
