// One caller's receivers hang, each under a host name of its own: others are told all the same, and the waiting costs little.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { announce } from '@impasto/shared';
import { delivered, makeWebhookHouse } from '../testing/webhook-house.ts';
import { makeDeliverWebhook } from './deliver-webhook.ts';
import type { WebhookAttempt, WebhookOutcome } from './send-webhook.ts';

const hanging = 200;
/** What the platform hands out to one process. */
const messagesAtOnce = 48;

type House = ReturnType<typeof makeWebhookHouse>;
type Call = (...args: never[]) => Promise<unknown>;

/** The same port, of which each call counts. */
function counting<T extends object>(port: T, count: () => void): T {
  const calls = Object.entries(port as Record<string, Call>).map(([name, call]) => {
    const counted: Call = (...args) => {
      count();
      return call(...args);
    };
    return [name, counted];
  });
  return Object.fromEntries(calls) as T;
}

async function addJob(house: House, host: string): Promise<void> {
  const url = `https://${host}/hook`;
  const webhook = { url, events: ['job.completed' as const], origin: 'https://impasto.example' };
  const job = await house.submit(undefined, { webhook });
  await announce(house.notices, await house.complete(job));
}

/** Hands out messages as the platform does, until the signal. */
async function serve(house: House, deliver: ReturnType<typeof makeDeliverWebhook>, signal: AbortSignal) {
  let atWork = 0;
  while (!signal.aborted) {
    const message = atWork < messagesAtOnce ? await house.notices.receive(600) : undefined;
    if (!message) {
      await delay(10);
      continue;
    }
    atWork += 1;
    void deliver(JSON.parse(message.text), message.deliveries)
      .then(() => message.remove())
      .finally(() => {
        atWork -= 1;
      });
    await nextTurn();
  }
}

describe('hundreds of receivers that hang, of one domain', () => {
  it('do not keep a new receiver waiting, nor the storage busy', async () => {
    const house = makeWebhookHouse();
    const over = new AbortController();
    const told = Promise.withResolvers<void>();
    let calls = 0;
    const count = () => {
      calls += 1;
    };
    const send = async ({ url }: WebhookAttempt): Promise<WebhookOutcome> => {
      if (!url.includes('.evil.example')) told.resolve();
      else await delay(60_000, undefined, { signal: over.signal, ref: false }).catch(() => undefined);
      return delivered;
    };
    const ports = {
      jobs: counting(house.jobs, count),
      deliveries: counting(house.deliveries, count),
      notices: counting(house.notices, count),
    };
    const deliver = makeDeliverWebhook({ ...house.deps, ...ports, send });
    for (let n = 0; n < hanging; n += 1) await addJob(house, `h${n}.evil.example`);
    await addJob(house, 'hooks.honest.example');
    const serving = serve(house, deliver, over.signal);
    const wasTold = await Promise.race([told.promise.then(() => true), delay(8_000, false, { ref: false })]);
    // Each is looked at, put back after a second or two, and then after twice as long.
    await delay(5_000);
    over.abort();
    await serving;
    assert.equal(wasTold, true);
    assert.ok(calls < hanging * 15, `${calls} calls of the storage`);
  });
});
