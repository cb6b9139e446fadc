// Every command that can fail, failing: the run ends with a message that names the step and the way on, shows no secret,
// and the same command succeeds afterwards from the state that was left.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { called, callsOf, changing } from './testing/calls.ts';
import { buildHouse, type House, type Run } from './testing/house.ts';

interface Failure {
  readonly fail: string;
  readonly step: RegExp;
  /** Whether a service that runs an older image was there before; otherwise nothing. */
  readonly deployed?: true;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly prepare?: (house: House) => void;
}

const failures: readonly Failure[] = [
  { fail: 'az version', step: /Look for the tools/ },
  { fail: 'node --version', step: /Look for the tools/ },
  { fail: 'az account show --query id', step: /Look at the login/ },
  { fail: 'az provider list', step: /resource providers/ },
  {
    fail: 'az provider register',
    step: /Look at the region/,
    prepare: ({ state }) => writeFileSync(join(state, 'providers'), 'Microsoft.Web\n'),
  },
  { fail: 'az functionapp list-flexconsumption-locations', step: /Look at the region swedencentral/ },
  { fail: 'az containerapp env workload-profile', step: /Look at the region swedencentral/ },
  { fail: 'node', env: { STUB_FAIL_SKIP: '1' }, step: /packages of npm/ },
  { fail: 'az group list', step: /Look for what is there/ },
  { fail: 'az group show', deployed: true, step: /Look for what is there/ },
  { fail: 'az acr list', deployed: true, step: /Look for what is there/ },
  { fail: 'az containerapp list --resource-group', deployed: true, step: /Look for what is there/ },
  { fail: 'az keyvault list', deployed: true, step: /Look for what is there/ },
  { fail: 'az resource show', deployed: true, step: /Look for what is there/ },
  { fail: 'az acr show', deployed: true, step: /Choose the worker image/ },
  { fail: 'npm run --silent package', step: /Package the function/ },
  { fail: 'az deployment sub create', step: /Create the resources/ },
  { fail: 'az deployment sub create', env: { STUB_FAIL_AFTER: 'yes' }, step: /Create the resources/ },
  { fail: 'az deployment sub create', deployed: true, step: /Create the resources/ },
  { fail: 'az acr build', step: /Build the worker image/ },
  { fail: 'az acr build', env: { STUB_FAIL_AFTER: 'yes' }, step: /Build the worker image/ },
  { fail: 'docker build', args: ['--build', 'docker'], step: /Build the worker image/ },
  { fail: 'az acr login', args: ['--build', 'docker'], step: /Build the worker image/ },
  { fail: 'docker push', args: ['--build', 'docker'], step: /Build the worker image/ },
  { fail: 'az deployment sub create', env: { STUB_FAIL_SKIP: '1' }, step: /with the worker image/ },
  { fail: 'az functionapp deployment source config-zip', step: /Publish the function/ },
  { fail: 'az functionapp config appsettings list', step: /Publish the function/ },
  {
    fail: 'az functionapp config appsettings delete',
    env: { STUB_INJECTS: 'yes' },
    step: /Publish the function/,
  },
  { fail: 'az functionapp keys list', step: /Fetch a key/ },
];

suite('a command that fails', { concurrency: 2 }, () => {
  for (const failure of failures) {
    const { fail, env = {}, deployed = false, args = [] } = failure;
    const variant = [deployed && 'deployed', ...Object.entries(env).map((pair) => pair.join('='))].filter(
      Boolean,
    );
    test([fail, ...variant].join(', '), async () => {
      using house = buildHouse({ deployed });
      failure.prepare?.(house);
      const before = house.memory();
      const words = [...args, '--no-smoke-test'];
      const broken = await house.run(words, { env: { ...env, STUB_FAIL: fail } });
      assertStopped(broken, failure);
      // Where nothing was changed, a second run is the first.
      if (changing(broken.calls).length === 0) return assertUnchanged(house, before);
      if (deployed) assert.equal(house.remembers('secret'), 'made before');
      const again = await house.run(words, { env: { STUB_INJECTS: env.STUB_INJECTS ?? '' } });
      assert.equal(again.status, 0, again.stderr);
      assert.match(house.remembers('worker-image'), /impasto-worker:[0-9a-f]{12}$/);
      assert.match(again.stdout, /^Key +the-function-key-of-the-stub$/m);
      assert.doesNotMatch(`${again.stderr}${again.calls.join('\n')}`, /whsec_/);
    });
  }
});

function assertStopped({ status, stderr, stdout, calls }: Run, { fail, step }: Failure): void {
  assert.equal(status, 1, stderr);
  assert.match(stderr, /planned failure/);
  const wayOn = /Stopped in step \d+: (.*)\.\n(.*) When the reason is gone.*\n {2}.*deploy-azure\.sh/.exec(
    stderr,
  );
  assert.match(wayOn?.[1] ?? '', step);
  const expected = changing(calls).length > 0 ? /^What was done stays/ : /^Nothing was created/;
  assert.match(wayOn?.[2] ?? '', expected);
  assert.ok(calls.at(-1)?.join(' ').startsWith(fail), 'nothing is called after the failure');
  assert.doesNotMatch(`${stderr}${stdout}${calls.join('\n')}`, /whsec_|the-function-key/);
}

function assertUnchanged(house: House, before: ReturnType<House['memory']>): void {
  const { calls, matched, ...after } = house.memory();
  assert.ok(calls && matched);
  assert.deepEqual(after, before);
}

test('commands whose failure tells nothing that matters do not stop a run', async () => {
  using house = buildHouse({ deployed: true });
  const hints = [
    'az account show --query user.name',
    'az role assignment list',
    'az containerapp list-usages',
    'az containerapp env list-usages',
    'az resource show --ids /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-impasto-test/providers/Microsoft.Consumption',
    'az acr repository show',
    'npm run --silent plan',
  ];
  const { status, stdout, stderr, calls } = await house.run(['--no-smoke-test'], {
    env: { STUB_FAIL: hints.join('|') },
  });
  assert.equal(status, 0, stderr);
  for (const hint of hints.filter((hint) => !hint.includes('role'))) assert.ok(called(calls, hint), hint);
  assert.match(stdout, /^Idle cost {2}could not be computed/m);
});

suite('a failure that time heals', { concurrency: 2 }, () => {
  const healing = [
    [
      'az deployment sub create',
      'Invalid value: GET https: UNAUTHORIZED: authentication required, visit aka.ms/acr',
      'PrincipalNotFound: Principal 1 does not exist in the directory',
      '(DeploymentActive) The deployment cannot be saved because it is still active',
    ],
    [
      'az functionapp deployment source config-zip',
      'InaccessibleStorageException: Failed to access storage account: 403',
      'BlobUploadFailedException: Forbidden',
    ],
    ['az functionapp keys list', 'BadRequest: Encountered an error from host runtime', 'InternalServerError'],
  ] as const;
  for (const [fail, ...texts] of healing) {
    test(fail, async () => {
      using house = buildHouse({ deployed: true });
      const env = { STUB_FAIL: fail, STUB_FAIL_TEXT: texts.join('|'), STUB_FAIL_TIMES: String(texts.length) };
      const { status, stderr, calls } = await house.run(['--skip-image', '--no-smoke-test'], { env });
      assert.equal(status, 0, stderr);
      for (const text of texts) assert.ok(stderr.includes(`not yet: ERROR: ${text}`), text);
      assert.equal(callsOf(calls, fail).length, texts.length + 1);
    });
  }

  test('is given up after the last pause; any other at once, with advice', async () => {
    using house = buildHouse();
    const fail = 'az deployment sub create';
    const env = { STUB_FAIL: fail, STUB_FAIL_TEXT: 'PrincipalNotFound', RETRY_PAUSES_SECONDS: '0 0' };
    const patient = await house.run([], { env });
    assert.equal(patient.status, 1);
    assert.equal(callsOf(patient.calls, fail).length, 3);
    const denied = "(AuthorizationFailed) no 'Microsoft.Authorization/roleAssignments/write'";
    const refused = await house.run([], { env: { ...env, STUB_FAIL_TEXT: denied } });
    assert.equal(callsOf(refused.calls, fail).length, 1);
    assert.match(refused.stderr, /It needs Owner, or Contributor together with Role Based Access Control/);
  });
});
