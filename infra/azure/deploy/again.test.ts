// A second run of the script, where a service is there already: what it keeps, what it replaces, what it refuses.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { called, callsOf, changing, parameter } from './testing/calls.ts';
import { buildHouse, repositoryRoot } from './testing/house.ts';

suite('deploy-azure.sh where a service is there already', { concurrency: 2 }, () => {
  test('keeps image, secret and first month of the budget in a second run, and builds nothing twice', async () => {
    using house = buildHouse({ deployed: true });
    await house.run(['--no-smoke-test']);
    const { status, calls } = await house.run(['--no-smoke-test']);
    assert.equal(status, 0);
    assert.equal(callsOf(calls, 'az acr build').length, 0);
    const deployments = callsOf(calls, 'az deployment sub create');
    assert.equal(deployments.length, 1);
    assert.equal(parameter(deployments[0], 'budgetStartDate'), '2026-03-01');
    assert.equal(house.remembers('secret'), 'made before');
  });

  test('begins a budget this month where there is none yet, whatever an older deployment was told', async () => {
    using house = buildHouse({ deployed: true });
    rmSync(join(house.state, 'budget-start'));
    const { calls } = await house.run(['--skip-image', '--skip-function', '--no-smoke-test']);
    const thisMonth = `${new Date().toISOString().slice(0, 7)}-01`;
    assert.equal(parameter(called(calls, 'az deployment sub create'), 'budgetStartDate'), thisMonth);
  });

  test('never goes back to the placeholder while a new image is built', async () => {
    using house = buildHouse({ deployed: true });
    const before = house.remembers('worker-image');
    writeFileSync(join(house.root, 'container-app/new.ts'), '// new');
    const { calls } = await house.run(['--no-smoke-test']);
    const [first, second] = callsOf(calls, 'az deployment sub create');
    assert.equal(parameter(first, 'workerImage'), before);
    assert.match(parameter(second, 'workerImage') ?? '', /-dirty-[0-9a-f]{8}$/);
    const again = await house.run(['--skip-function', '--no-smoke-test']);
    assert.equal(callsOf(again.calls, 'az acr build').length, 0, 'the same changes have the same tag');
  });

  test('takes an image from the registry with --tag, and offers models without versions then', async () => {
    using house = buildHouse({ deployed: true });
    const { status, calls } = await house.run(['--tag', 'old', '--no-smoke-test']);
    assert.equal(status, 0);
    const [deployment] = callsOf(calls, 'az deployment sub create');
    assert.equal(parameter(deployment, 'workerImage'), 'crtest.azurecr.io/impasto-worker:old');
    assert.equal(parameter(deployment, 'models'), 'impasto-v1');
    const missing = await house.run(['--tag', 'never']);
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /Expected an image that the registry has, for --tag, received "never"/);
    assert.deepEqual(changing(missing.calls), []);
  });

  test('leaves the image with --skip-image and the function with --skip-function', async () => {
    using house = buildHouse({ deployed: true });
    const before = house.remembers('worker-image');
    writeFileSync(join(house.root, 'container-app/new.ts'), '// new');
    const { status, calls } = await house.run(['--skip-image', '--skip-function', '--no-smoke-test']);
    assert.equal(status, 0);
    assert.deepEqual(changing(calls), ['az deployment sub create']);
    assert.equal(house.remembers('worker-image'), before);
  });

  test('reads the outputs from the record of the deployment where its answer has none', async () => {
    using house = buildHouse({ deployed: true });
    const env = { STUB_TELLS_OUTPUTS_LATER: 'yes' };
    const { status, stdout } = await house.run(['--skip-image', '--no-smoke-test'], { env });
    assert.equal(status, 0);
    assert.match(stdout, /^API +https:\/\/func-test\.example\//m);
  });

  test('is told apart from another region and from a GPU that it has no quota for', async () => {
    using house = buildHouse({ deployed: true });
    const moved = await house.run(['--location', 'westus3']);
    assert.match(moved.stderr, /Expected swedencentral, for --location, .* received westus3/);
    assert.deepEqual(changing(moved.calls), []);
    const none = await house.run([], { env: { STUB_GPU_LIMIT: '0' } });
    assert.equal(none.status, 1);
    assert.match(none.stderr, /Expected a quota of at least 1 for ManagedEnvironmentConsumptionT4Gpus/);
  });
});

test('the names that the script looks for are those of the templates', () => {
  const azure = join(repositoryRoot, 'infra/azure');
  const script = readFileSync(join(azure, 'deploy/find.sh'), 'utf8');
  for (const [variable, template] of [
    ['secret_name', 'vault'],
    ['budget_name', 'budget'],
  ]) {
    const name = new RegExp(`^${variable}=(.+)$`, 'm').exec(script)?.[1];
    const text = readFileSync(join(azure, `modules/${template}.bicep`), 'utf8');
    assert.ok(name && text.includes(`name: '${name}'`), variable);
  }
});
