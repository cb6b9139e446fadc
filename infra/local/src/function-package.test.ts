// The Function app as it is deployed, unpacked far from every other package: under the Functions host of this machine
// with a real storage and a real worker, and as the platform's own worker loads it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { connectStorage } from '@impasto/shared/azure';
import { StyleTransferClient } from '@impasto/shared/client';
import { startFakeIdentity, until } from '@impasto/shared/testing';
import { tinyPng } from '@impasto/shared/testing/pictures';
import { z } from 'zod';
import { type Service, startService } from './corpus/service.ts';
import { type UnpackedPackage, unpackFunctionPackage } from './testing/function-package.ts';
import { takeTour } from './testing/tour.ts';

let unpacked: UnpackedPackage;
let service: Service;

before(async () => {
  unpacked = await unpackFunctionPackage();
  service = await startService({ FUNCTION_APP_URL: unpacked.url, SWEEP_SCHEDULE: '*/2 * * * * *' });
});
after(async () => {
  await service.stop();
  await unpacked.remove();
});

const baseUrlOf = ({ port }: Service) => `http://127.0.0.1:${port}`;

const indexSchema = z.object({ routes: z.array(z.object({ method: z.string(), path: z.string() })) });

/** Every address that the service says it has, such as `GET /api/status/{job_id}`. */
async function addressesOf(service: Service): Promise<string[]> {
  const index = await (await fetch(`${baseUrlOf(service)}/api`)).json();
  return indexSchema.parse(index).routes.map(({ method, path }) => `${method} ${path}`);
}

describe('building the package', () => {
  it('says how large it is and of what it is made', () => {
    assert.match(unpacked.output, /^in the bundle +KiB$/m);
    assert.match(unpacked.output, /^@azure\/storage-blob +\d+$/m);
    assert.match(unpacked.output, /function\.zip: \d+ KiB$/m);
  });
});

describe('the unpacked package', { concurrency: false }, () => {
  it('answers at every address as the sources do', async () => {
    const tour = await takeTour(baseUrlOf(service));
    assert.deepEqual(Object.keys(tour).sort(), (await addressesOf(service)).sort());
    for (const [address, answer] of Object.entries(tour))
      assert.doesNotMatch(answer, /^5|\b(?:not_found|method_not_allowed)$/, address);

    const sources = await startService({ SWEEP_SCHEDULE: 'off' });
    const expected = await takeTour(baseUrlOf(sources)).finally(() => sources.stop());
    assert.deepEqual(tour, expected);
  });

  it('paints a picture with a worker', async () => {
    const client = new StyleTransferClient({ baseUrl: baseUrlOf(service) });
    const picture = tinyPng(32, 24);
    const { job_id: jobId } = await client.submit({
      contentImage: picture,
      styleImage: picture,
      maxSide: 32,
    });
    const worker = service.startWorker();
    const { status } = await client.wait(jobId, { timeoutSeconds: 120 });
    await worker.stop();
    assert.equal(status, 'completed');
    assert.equal((await client.result(jobId)).contentType, 'image/png');
  });

  it('takes messages about receivers from their queue', async () => {
    const { notices } = connectStorage({ STORAGE_CONNECTION_STRING: service.connectionString });
    await notices.send('about nothing that there is');
    await until('an empty queue', async () => (await notices.countMessages()) === 0, 20_000);
  });

  it('looks after the jobs by its timer', async () => {
    const swept = (line: string) => line.includes('"timer"') && line.includes('"function":"sweep"');
    await until('a sweep', () => service.lines.some(swept), 20_000);
  });
});

const seenSchema = z.object({
  functions: z.array(z.string()),
  model: z.string(),
  hooks: z.array(z.string()),
});

/** Loads the package as the worker does: by its manifest's `main`, with `require`, its own module put in the way. */
const asTheWorkerDoes = `
  const Module = require('node:module');
  const { join } = require('node:path');
  const seen = { functions: [], model: '', hooks: [] };
  const handlers = {};
  const core = {
    version: '3.13.0',
    hostVersion: '4.1044.0',
    Disposable: class { dispose() {} },
    registerFunction: ({ name, bindings }, handler) => {
      handlers[name] = handler;
      const { type, methods = [], route } = Object.values(bindings).find(({ type }) => /trigger$/i.test(type));
      if (type !== 'httpTrigger' || name === 'refuse-address') seen.functions.push(name + ' ' + type);
      else seen.functions.push(...methods.map((method) => method + ' /api/' + route));
    },
    registerHook: (name) => { seen.hooks.push(name); },
    setProgrammingModel: ({ name, version }) => { seen.model = name + ' ' + version; },
    getProgrammingModel: () => undefined,
    log: () => {},
  };
  Module.prototype.require = new Proxy(Module.prototype.require, {
    apply: (target, self, given) =>
      given[0] === '@azure/functions-core' ? core : Reflect.apply(target, self, given),
  });
  const { main, type } = require(join(process.argv[1], 'package.json'));
  if (!main.endsWith('.cjs') && type === 'module') throw new Error('Expected what require can load');
  require(join(process.argv[1], main));
`;

/** What a script prints that runs once the package is loaded, with nothing in its environment but this. */
async function onPlatform(script: string, env: Record<string, string>): Promise<unknown> {
  const args = ['-e', `${asTheWorkerDoes}\n${script}`, unpacked.folder];
  const options = { env: { ...env, LOG_LEVEL: 'error', PATH: process.env.PATH }, cwd: unpacked.folder };
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

describe("the platform's worker", () => {
  it('finds every function of the package by its own way of loading', async () => {
    const env = { STORAGE_CONNECTION_STRING: service.connectionString };
    const seen = seenSchema.parse(await onPlatform('console.log(JSON.stringify(seen))', env));
    assert.match(seen.model, /^@azure\/functions 4\./);
    // The platform calls one after the other, and what is sent at the end has five seconds in all.
    assert.deepEqual(seen.hooks, ['appStart', 'appTerminate']);
    const addresses = (await addressesOf(service)).map((address) => address.replace(/ \/api$/, ' /api/'));
    const others = ['refuse-address httpTrigger', 'deliver-webhook queueTrigger', 'sweep timerTrigger'];
    const found = seen.functions.map((name) => name.replace(/\/+$/, '/'));
    assert.deepEqual(found.toSorted(), [...addresses, ...others].toSorted());
  });

  it('has an app that asks for the storage as the managed identity that it was given', async (test) => {
    const identity = await startFakeIdentity({ givesTokens: false });
    test.after(() => identity.stop());
    const clientId = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
    const health = `
      handlers['get-health']({ method: 'GET', headers: new Headers() }, { invocationId: 'one' }).then(({ status }) => {
        console.log(JSON.stringify(status));
        process.exit();
      });`;
    const status = await onPlatform(health, {
      STORAGE_ACCOUNT_NAME: 'impastotest',
      AZURE_CLIENT_ID: clientId,
      ...identity.environment,
    });
    assert.equal(status, 503);
    assert.ok(identity.asked.length > 0);
    for (const asked of identity.asked) {
      assert.equal(asked.clientId, clientId);
      assert.match(asked.resource ?? '', /^https:\/\/storage\.azure\.com\/?$/);
    }
  });

  it('needs nothing that lies beside the package', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      '-p',
      `require('node:module').createRequire(${JSON.stringify(join(unpacked.folder, 'main.cjs'))}).resolve.paths('zod').some((path) => require('node:fs').existsSync(path))`,
    ]);
    assert.equal(stdout.trim(), 'false');
  });
});
