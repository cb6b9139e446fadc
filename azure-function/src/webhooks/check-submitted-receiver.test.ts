import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { testKeys } from '../testing/webhook-house.ts';
import { makeCheckReceiver, makeResolveSubmitted } from './check-submitted-receiver.ts';
import { ownHosts } from './own-hosts.ts';

const rules = { allowLoopback: false, ownHosts: ['impasto.azurewebsites.net'] };

describe('the receiver of a submission', () => {
  it('is given back in the form in which it will be called', () => {
    const check = makeCheckReceiver({ keys: testKeys, rules });
    assert.equal(check('HTTPS://Hooks.Example.com:443/a?b#c'), 'https://hooks.example.com/a?b');
  });

  it('is refused by a service that has no secrets, with the name of the setting', () => {
    const check = makeCheckReceiver({ keys: undefined, rules });
    assert.throws(() => check('https://hooks.example.com/'), {
      code: 'webhooks_off',
      message: /WEBHOOK_SECRETS/,
    });
  });

  it('is refused where it is inside, or ours', async () => {
    const inside = makeResolveSubmitted(async () => ['10.0.0.1']);
    await assert.rejects(inside('https://hooks.example.com/'), { code: 'webhook_url_forbidden' });
    const check = makeCheckReceiver({ keys: testKeys, rules });
    for (const url of [
      'https://impasto.azurewebsites.net/',
      'http://hooks.example.com/',
      'https://127.0.0.1/',
    ])
      assert.throws(() => check(url), { code: 'webhook_url_forbidden' }, url);
  });
});

describe('the hosts that are our own', () => {
  it('are those of the storage account and of the app', () => {
    const hosts = ownHosts({ STORAGE_ACCOUNT_NAME: 'paint' }, 'impasto.azurewebsites.net');
    for (const host of [
      'paint.blob.core.windows.net',
      'paint.queue.core.windows.net',
      'impasto.azurewebsites.net',
      'impasto.scm.azurewebsites.net',
    ])
      assert.ok(hosts.includes(host), host);
  });

  it('are read from a connection string, in either of its forms', () => {
    const named =
      'DefaultEndpointsProtocol=https;AccountName=paint;AccountKey=a==;EndpointSuffix=core.windows.net';
    assert.ok(
      ownHosts({ STORAGE_CONNECTION_STRING: named }, undefined).includes('paint.queue.core.windows.net'),
    );
    const spelt = 'AccountName=a;AccountKey=b==;BlobEndpoint=https://blobs.example.com/a;';
    assert.deepEqual(ownHosts({ STORAGE_CONNECTION_STRING: spelt }, undefined), ['blobs.example.com']);
  });
});
