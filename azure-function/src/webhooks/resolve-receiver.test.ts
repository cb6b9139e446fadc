import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { JobError } from '@impasto/shared';
import { startNameServer } from '../testing/name-server.ts';
import {
  checkAddressesOf,
  makeResolveHost,
  NameUnresolved,
  type ResolveHost,
  resolveReceiver,
} from './resolve-receiver.ts';

const zone: Record<string, readonly string[]> = {
  'public.example': ['93.184.216.34', '2606:4700:4700::1111'],
  '10.0.0.1.nip.example': ['10.0.0.1'],
  'metadata.example': ['169.254.169.254'],
  'platform.example': ['168.63.129.16'],
  'mapped.example': ['::ffff:10.0.0.1'],
  'hidden.example': ['::10.0.0.1'],
  'mixed.example': ['93.184.216.34', '10.0.0.1'],
  'families.example': ['93.184.216.34', 'fd00::1'],
  'here.example': ['127.0.0.1'],
  'nothing.example': [],
};

const isForbidden = (error: unknown) => error instanceof JobError && error.code === 'webhook_url_forbidden';

describe('the addresses of a receiver', () => {
  let names: Awaited<ReturnType<typeof startNameServer>>;
  let resolveHost: ResolveHost;
  before(async () => {
    names = await startNameServer((name) => zone[name]);
    resolveHost = makeResolveHost([names.server]);
  });
  after(() => names.stop());

  const resolve = (text: string) => resolveReceiver(new URL(text), resolveHost, AbortSignal.timeout(20_000));

  it('are all those of the name, of both families', async () => {
    assert.deepEqual(await resolve('https://public.example/'), zone['public.example']);
  });

  it('are the address itself where the host is one', async () => {
    assert.deepEqual(await resolve('https://8.8.8.8/'), ['8.8.8.8']);
    assert.deepEqual(await resolve('https://[2606:4700:4700::1111]/'), ['2606:4700:4700::1111']);
  });

  it('are refused when even one is not public (W9, W10, W11)', async () => {
    const refused = Object.keys(zone).filter((name) => !/^(public|nothing)/.test(name));
    for (const name of refused) {
      await assert.rejects(resolve(`https://${name}/`), isForbidden, name);
      await assert.rejects(checkAddressesOf(new URL(`https://${name}/`), resolveHost), isForbidden, name);
    }
  });

  it('may be this machine only where the address says so itself', async () => {
    assert.deepEqual(await resolve('http://localhost:9/'), ['127.0.0.1', '::1']);
    await checkAddressesOf(new URL('http://localhost:9/'), resolveHost);
    await assert.rejects(checkAddressesOf(new URL('https://here.example/'), resolveHost), isForbidden);
  });

  it('are not told in the refusal', async () => {
    await assert.rejects(
      resolve('https://mixed.example/'),
      (error: Error) => !/\d+\.\d+|mixed/.test(error.message),
    );
  });

  it('are none where the name has none', async () => {
    await assert.rejects(resolve('https://nothing.example/'), NameUnresolved);
  });

  it('do not hold up a submission that can do without them', async () => {
    const startedMs = performance.now();
    for (const name of ['nothing.example', 'silent.example']) {
      await checkAddressesOf(new URL(`https://${name}/`), resolveHost);
    }
    assert.ok(performance.now() - startedMs < 15_000);
  });
});
