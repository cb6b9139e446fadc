import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { keepWebhookSecret } from './webhook-secret.ts';

describe('the secret for webhooks', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'impasto-secret-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('is made once, for its owner alone, and is one that receivers can use', async () => {
    const { text, file } = await keepWebhookSecret(folder);
    assert.match(text, /^whsec_[A-Za-z0-9+/]{43}=$/);
    assert.doesNotThrow(() => new Webhook(text));
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.deepEqual(await keepWebhookSecret(folder), { text, file });
    assert.deepEqual(await readdir(folder), ['webhook.secret']);
  });

  it('is another one in another folder, and what the user has written into the file', async () => {
    const other = await mkdtemp(join(tmpdir(), 'impasto-secret-'));
    const first = await keepWebhookSecret(folder);
    const second = await keepWebhookSecret(other);
    assert.notEqual(first.text, second.text);
    await writeFile(second.file, `${first.text},${second.text}\n`);
    assert.equal((await keepWebhookSecret(other)).text, `${first.text},${second.text}`);
    await rm(other, { recursive: true });
  });
});
