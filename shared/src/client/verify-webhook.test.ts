import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { StyleTransferError } from './error.ts';
import { verifyWebhook, type WebhookRequest } from './verify-webhook.ts';

const key = randomBytes(32);
const secret = `whsec_${key.toString('base64')}`;
const now = new Date('2026-11-21T12:00:00Z');
const body = '{"type":"job.completed","data":{"note":"Grüße 🎨"}}';

/** A request as the official package signs it. */
function signed(changes: { at?: Date; by?: string; body?: string; id?: string } = {}): WebhookRequest {
  const { at = now, by = secret, body: text = body, id = 'msg_1' } = changes;
  return {
    body: text,
    headers: {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(by).sign(id, at, text),
    },
    secrets: [secret],
    now,
  };
}

function withHeaders(changes: Record<string, string | string[] | undefined>): WebhookRequest {
  const request = signed();
  return { ...request, headers: { ...(request.headers as Record<string, string>), ...changes } };
}

const refusal =
  (message: RegExp, code = 'webhook_refused') =>
  (error: unknown) =>
    error instanceof StyleTransferError && error.code === code && message.test(error.message);

const secondsFromNow = (seconds: number) => new Date(now.getTime() + seconds * 1000);

describe('verifyWebhook', () => {
  it('gives the parsed body of a request that the official package signed', async () => {
    assert.deepEqual(await verifyWebhook(signed()), JSON.parse(body));
  });

  it('accepts what the official package signs, whatever id, body and secret', async () => {
    const keys = fc.uint8Array({ minLength: 24, maxLength: 64 });
    const property = fc.asyncProperty(fc.uuid(), fc.json(), keys, async (id, json, bytes) => {
      const by = `whsec_${Buffer.from(bytes).toString('base64')}`;
      const payload = await verifyWebhook({ ...signed({ id, body: json, by }), secrets: [by] });
      assert.deepEqual(payload, JSON.parse(json));
    });
    await fc.assert(property, { numRuns: 50 });
  });

  it('takes the body as bytes and the headers as fetch has them, in any case of letters', async () => {
    const request = signed();
    const entries = Object.entries(request.headers as Record<string, string>);
    const bytes = new TextEncoder().encode(body);
    const upper = Object.fromEntries(entries.map(([name, value]) => [name.toUpperCase(), value]));
    await verifyWebhook({ ...request, body: bytes, headers: new Headers(entries) });
    await verifyWebhook({ ...request, headers: upper });
  });

  it('accepts one right signature among several, by any of the secrets', async () => {
    const old = `whsec_${randomBytes(24).toString('base64')}`;
    const ours = new Webhook(secret).sign('msg_1', now, body);
    const others = new Webhook(old).sign('msg_1', now, body);
    const signature = `v1a,${'A'.repeat(86)}== ${others} ${ours}`;
    await verifyWebhook(withHeaders({ 'webhook-signature': signature }));
    await verifyWebhook({ ...signed({ by: old }), secrets: [secret, old] });
  });

  it('refuses times outside the tolerance on both sides, and none inside', async () => {
    for (const seconds of [-300, 0, 300]) await verifyWebhook(signed({ at: secondsFromNow(seconds) }));
    await assert.rejects(verifyWebhook(signed({ at: secondsFromNow(-301) })), refusal(/301 s too old/));
    await assert.rejects(verifyWebhook(signed({ at: secondsFromNow(301) })), refusal(/301 s too new/));
    const strict = { ...signed({ at: secondsFromNow(-11) }), toleranceSeconds: 10 };
    await assert.rejects(verifyWebhook(strict), refusal(/within 10 s/));
  });

  const right = String(signed().headers['webhook-signature' as keyof WebhookRequest['headers']]);
  const hex = createHmac('sha256', key)
    .update(`msg_1.${now.getTime() / 1000}.${body}`)
    .digest('hex');
  const wrong: [what: string, headers: Record<string, string | string[] | undefined>, message: RegExp][] = [
    ['no id', { 'webhook-id': undefined }, /a header webhook-id/],
    ['an empty id', { 'webhook-id': '' }, /a header webhook-id/],
    ['no time', { 'webhook-timestamp': undefined }, /a header webhook-timestamp/],
    ['no signature', { 'webhook-signature': undefined }, /a header webhook-signature/],
    ['a header twice', { 'webhook-id': ['msg_1', 'msg_2'] }, /one header webhook-id/],
    ['another id', { 'webhook-id': 'msg_2' }, /by one of the secrets/],
    ['another time', { 'webhook-timestamp': String(now.getTime() / 1000 + 1) }, /by one of the secrets/],
    ['a time in words', { 'webhook-timestamp': now.toISOString() }, /seconds since 1970/],
    ['a time with a tail', { 'webhook-timestamp': `${now.getTime() / 1000}abc` }, /seconds since 1970/],
    ['a time in milliseconds', { 'webhook-timestamp': String(now.getTime()) }, /seconds since 1970|too new/],
    ['a part of the signature', { 'webhook-signature': right.slice(0, 20) }, /received 0 of them/],
    ['an empty signature', { 'webhook-signature': 'v1,' }, /received 0 of them/],
    ['a signature without version', { 'webhook-signature': right.slice(3) }, /received 0 of them/],
    [
      'a signature of another version',
      { 'webhook-signature': right.replace('v1', 'v2') },
      /received 0 of them/,
    ],
    ['a signature in hexadecimal', { 'webhook-signature': `v1,${hex}` }, /received 0 of them/],
    ['one byte changed', { 'webhook-signature': `v1,${flipped(right.slice(3))}` }, /by one of the secrets/],
    [
      'hundreds of signatures',
      { 'webhook-signature': `${right} `.repeat(200).trim() },
      /received 200 of them/,
    ],
  ];
  for (const [what, headers, message] of wrong) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(verifyWebhook(withHeaders(headers)), refusal(message));
    });
  }

  it('refuses a body that was changed by a byte, or parsed and written anew', async () => {
    const spaced = JSON.stringify(JSON.parse(body), null, 1);
    for (const text of [`${body} `, spaced, '']) {
      await assert.rejects(verifyWebhook({ ...signed(), body: text }), refusal(/by one of the secrets/));
    }
  });

  it('asks for the raw body where it is given a parsed one', async () => {
    const parsed = JSON.parse(body) as string;
    await assert.rejects(
      verifyWebhook({ ...signed(), body: parsed }),
      refusal(/as it came/, 'invalid_argument'),
    );
  });

  it('refuses a signed body that is not JSON', async () => {
    await assert.rejects(verifyWebhook(signed({ body: 'no json' })), refusal(/a body of JSON/));
  });

  it('refuses to work with no secret, an empty one or one of another form, and never shows it', async () => {
    const short = `whsec_${Buffer.alloc(23, 7).toString('base64')}`;
    const long = `whsec_${Buffer.alloc(65, 7).toString('base64')}`;
    for (const secrets of [[], [''], ['whsec_'], [short], [long], ['whsec_%%%%'], [secret.slice(6)]]) {
      await assert.rejects(verifyWebhook({ ...signed(), secrets }), (error) => {
        assert.ok(refusal(/secret/, 'invalid_argument')(error));
        const shown = secrets.filter((text) => text.length > 6 && String(error).includes(text.slice(6)));
        return shown.length === 0;
      });
    }
  });
});

function flipped(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  bytes.writeUInt8(bytes.readUInt8(31) ^ 1, 31);
  return bytes.toString('base64');
}
