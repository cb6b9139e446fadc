// The whole script against stubs: the order of its calls, what its options do, what it never shows.
import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { called, callsOf, changing, parameter } from './testing/calls.ts';
import { buildHouse } from './testing/house.ts';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

suite('deploy-azure.sh', { concurrency: 2 }, () => {
  test('makes the resources, the image, the function and a picture, in this order', async () => {
    using house = buildHouse();
    const { status, stdout, stderr, calls } = await house.run([]);
    assert.equal(status, 0, stderr);
    assert.deepEqual(changing(calls), [
      'az deployment sub create',
      'az acr build',
      'az deployment sub create',
      'az functionapp deployment source config-zip',
      'smoke-test cuda 900',
    ]);
    const [first, second] = callsOf(calls, 'az deployment sub create');
    assert.equal(parameter(first, 'workerImage'), '');
    assert.match(
      parameter(second, 'workerImage') ?? '',
      /^crtest\.azurecr\.io\/impasto-worker:[0-9a-f]{12}$/,
    );
    assert.equal(parameter(second, 'models'), 'impasto-v1@1.0.0');
    assert.ok(called(calls, 'az acr build')?.includes('VARIANT=cuda'));
    assert.match(stdout, /^API +https:\/\/func-test\.example\/api\/style-transfer$/m);
    assert.match(stdout, /^Docs +https:\/\/func-test\.example\/api\/docs$/m);
    assert.match(stdout, /^Key +the-function-key-of-the-stub$/m);
    assert.match(stdout, /^Idle cost +5\.20 USD/m);
    const words = calls.map((call) => call.join(' '));
    const creation = words.findIndex((call) => call.startsWith('az deployment sub create'));
    for (const look of [
      'az version',
      'az account show',
      'az role assignment list',
      'az provider list',
      'az functionapp list-flexconsumption-locations',
      'az containerapp env workload-profile list-supported --location swedencentral',
      'az containerapp list-usages --location swedencentral',
      'npm run --silent package',
    ]) {
      const at = words.findIndex((call) => call.startsWith(look));
      assert.ok(at >= 0 && at < creation, look);
    }
  });

  test('deploys without GPU: profile, image variant, and what the picture must have been painted on', async () => {
    using house = buildHouse();
    const { status, calls } = await house.run(['--cpu-only', '--location', 'eastus']);
    assert.equal(status, 0);
    const deployments = callsOf(calls, 'az deployment sub create');
    assert.deepEqual(
      deployments.map((call) => parameter(call, 'gpuProfile')),
      ['cpu', 'cpu'],
    );
    assert.ok(called(calls, 'az acr build')?.includes('VARIANT=cpu'));
    assert.match(house.remembers('worker-image'), /-cpu$/);
    assert.ok(called(calls, 'smoke-test cpu'));
    assert.equal(called(calls, 'az containerapp env workload-profile'), undefined);
  });

  test('passes settings on, from flags before the environment', async () => {
    using house = buildHouse();
    const env = { MAX_REPLICAS: '7', COOLDOWN_SECONDS: '90', ALERT_EMAIL: 'ops@example.com' };
    const { calls } = await house.run(
      ['--max-replicas=5', '--set', 'queueLength=2', '--subscription', 'main'],
      { env },
    );
    const call = called(calls, 'az deployment sub create');
    assert.deepEqual(
      ['maxReplicas', 'cooldownSeconds', 'alertEmail', 'queueLength'].map((name) => parameter(call, name)),
      ['5', '90', 'ops@example.com', '2'],
    );
    assert.ok(called(calls, 'az account show --query id --output tsv --subscription main'));
  });

  test('changes nothing with --what-if', async () => {
    using house = buildHouse();
    writeFileSync(join(house.state, 'providers'), 'Microsoft.Storage\n');
    const { status, stdout, stderr, calls } = await house.run(['--what-if']);
    assert.equal(status, 0);
    assert.match(stdout, /\+ Microsoft\.Storage/);
    assert.deepEqual(changing(calls), []);
    // Azure refuses the question where the provider is not registered.
    assert.equal(called(calls, 'az containerapp env workload-profile'), undefined);
    assert.match(stderr, /What Microsoft\.App has in this region can only be asked once it is registered/);
    assert.equal(house.remembers('images'), '');
  });

  test('registers the providers that are missing, and takes none for another', async () => {
    using house = buildHouse();
    const there = ['Microsoft.Storage', 'microsoft.insights', 'Microsoft.AppConfiguration'];
    writeFileSync(join(house.state, 'providers'), there.join('\n'));
    const { status, calls } = await house.run(['--no-smoke-test']);
    assert.equal(status, 0);
    const registered = callsOf(calls, 'az provider register').map((call) => call[4]);
    assert.ok(registered.includes('Microsoft.App'));
    assert.ok(!registered.includes('Microsoft.Storage') && !registered.includes('Microsoft.Insights'));
  });

  test('shows no secret, in no argument and no line, and leaves none behind', async () => {
    using house = buildHouse();
    const env = { WEBHOOK_SECRETS: secret, TMPDIR: house.state };
    const { status, stdout, stderr, calls } = await house.run(['--verbose'], { env });
    assert.equal(status, 0);
    assert.match(house.remembers('secret'), new RegExp(secret.replace(/\+/g, '\\+')));
    assert.doesNotMatch(`${stdout}${stderr}${calls.join('\n')}`, /whsec_/);
    assert.doesNotMatch(`${stderr}${calls.join('\n')}`, /the-function-key-of-the-stub/);
    assert.equal(stdout.match(/the-function-key-of-the-stub/g)?.length, 1);
    assert.match(stderr, /\$ az acr build[\s\S]* {2}Step 1\/9 : FROM node/);
    assert.deepEqual(
      readdirSync(house.state).filter((file) => file.startsWith('impasto-deploy.')),
      [],
    );
  });

  test('makes a secret at first, and replaces it only by one that is given', async () => {
    using house = buildHouse();
    await house.run(['--no-smoke-test']);
    assert.match(house.remembers('secret'), /"value":"whsec_[A-Za-z0-9+/]{43}="/);
    await house.run(['--no-smoke-test'], { env: { WEBHOOK_SECRETS: secret } });
    assert.ok(house.remembers('secret').includes(secret));
  });

  test('builds with Docker where Azure may not, and says what is missing where there is none', async () => {
    using house = buildHouse();
    const env = {
      STUB_FAIL: 'az acr build',
      STUB_FAIL_TEXT: '(TasksOperationsNotAllowed) ACR Tasks requests are not permitted',
    };
    const { status, calls } = await house.run(['--no-smoke-test'], { env });
    assert.equal(status, 0);
    assert.deepEqual(changing(calls).slice(1, 4), ['az acr build', 'docker build', 'docker push']);
    assert.ok(called(calls, 'az acr login'));
    const acr = await house.run(['--build', 'acr', '--rebuild'], { env });
    assert.equal(acr.status, 1);
  });

  test('removes a connection string that the platform has added', async () => {
    using house = buildHouse();
    const { status, stderr, calls } = await house.run([], { env: { STUB_INJECTS: 'yes' } });
    assert.equal(status, 0);
    assert.ok(called(calls, 'az functionapp config appsettings delete')?.includes('AzureWebJobsStorage'));
    assert.match(stderr, /AzureWebJobsStorage with a key; it is removed/);
  });

  test('fails when the picture was painted on the wrong provider', async () => {
    using house = buildHouse();
    const { status, stderr } = await house.run([], { env: { STUB_SMOKE_FAILS: 'yes' } });
    assert.equal(status, 1);
    assert.match(stderr, /Expected the execution provider cuda, for job 1, received cpu/);
    assert.match(stderr, /Stopped in step \d+: Send a picture and wait for it/);
  });
});
