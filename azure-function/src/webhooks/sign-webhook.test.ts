import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { verifyWebhook } from '@impasto/shared/client';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { parseSecrets, signWebhook } from './sign-webhook.ts';

const newSecret = (bytes = 32) => `whsec_${randomBytes(bytes).toString('base64')}`;

describe('signWebhook', () => {
  it('signs what the official package verifies, whatever the id and the body', () => {
    const secret = newSecret();
    const keys = parseSecrets(secret);
    const property = fc.property(fc.uuid(), fc.json(), (id, body) => {
      const headers = signWebhook({ id, body, sentAt: new Date(), keys });
      assert.deepEqual(new Webhook(secret).verify(body, headers), JSON.parse(body));
    });
    fc.assert(property, { numRuns: 50 });
  });

  it('signs with every secret, the newest first, so that a receiver may have either', async () => {
    const [newest, old] = [newSecret(64), newSecret(24)];
    const body = '{"note":"Grüße 🎨"}';
    const sentAt = new Date();
    const headers = signWebhook({ id: 'msg_1', body, sentAt, keys: parseSecrets(`${newest}, ${old}`) });
    const [first] = headers['webhook-signature']?.split(' ') ?? [];
    assert.equal(first, new Webhook(newest).sign('msg_1', sentAt, body));
    for (const secret of [newest, old]) {
      assert.deepEqual(new Webhook(secret).verify(body, headers), JSON.parse(body));
      assert.deepEqual(await verifyWebhook({ body, headers, secrets: [secret] }), JSON.parse(body));
    }
    assert.throws(() => new Webhook(newSecret()).verify(body, headers));
    await assert.rejects(verifyWebhook({ body, headers, secrets: [newSecret()] }));
  });

  it('gives the time of the attempt in whole seconds', () => {
    const sentAt = new Date('2026-11-21T12:00:00.999Z');
    const headers = signWebhook({ id: 'msg_1', body: '{}', sentAt, keys: parseSecrets(newSecret()) });
    assert.equal(headers['webhook-timestamp'], '1795262400');
  });
});

describe('parseSecrets', () => {
  it('takes one to three secrets of 24 to 64 bytes', () => {
    const secrets = [newSecret(24), newSecret(64), newSecret(25)];
    assert.deepEqual(
      parseSecrets(secrets.join(' , ')).map((key) => key.length),
      [24, 64, 25],
    );
  });

  const secret = newSecret();
  const wrong: [what: string, text: string, message: RegExp][] = [
    ['nothing', '', /Secret 1 of 1: .*another beginning/],
    ['an empty place', `${secret},`, /Secret 2 of 2: .*another beginning/],
    ['no prefix', secret.slice(6), /another beginning/],
    ['a public key', secret.replace('whsec_', 'whpk_'), /another beginning/],
    ['too few bytes', newSecret(23), /received 23 bytes/],
    ['too many bytes', newSecret(65), /received 65 bytes/],
    ['no base64', `${secret}!`, /something else than base64/],
    ['base64 without its padding', secret.replace(/=+$/, ''), /something else than base64/],
    ['four of them', Array(4).fill(secret).join(), /received 4/],
  ];
  for (const [what, text, message] of wrong) {
    it(`refuses ${what} without showing it`, () => {
      assert.throws(
        () => parseSecrets(text),
        (error: Error) => {
          assert.match(error.message, message);
          const pieces = text.split(',').map((piece) => piece.replace('whsec_', ''));
          return pieces.every((piece) => piece === '' || !error.message.includes(piece.slice(0, 8)));
        },
      );
    });
  }
});
