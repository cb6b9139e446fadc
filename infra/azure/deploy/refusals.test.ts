// What the script refuses before it calls anything, what it does without its tools, and that it is plain bash.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { changing } from './testing/calls.ts';
import { buildHouse, type House, repositoryRoot } from './testing/house.ts';

const script = join(repositoryRoot, 'deploy-azure.sh');
const parts = readdirSync(join(repositoryRoot, 'infra/azure/deploy'))
  .filter((file) => file.endsWith('.sh'))
  .map((file) => join(repositoryRoot, 'infra/azure/deploy', file));

/** With nothing on the PATH but the system's tools, so that a call of az would be seen as "none". */
function runBare(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync('/bin/bash', [script, ...args], {
    env: { PATH: '/usr/bin:/bin', ...env },
  });
  return { status, stdout: stdout.toString(), stderr: stderr.toString() };
}

suite('options', () => {
  const wrong: readonly (readonly [readonly string[], RegExp, Readonly<Record<string, string>>?])[] = [
    [['--gpu', 'v100'], /Expected t4, a100 or cpu, for --gpu, received "v100"/],
    [['--name', 'Übung'], /for --name/],
    [['--location', 'Sweden Central'], /Expected a region such as swedencentral, for --location/],
    [['--max-replicas', '0'], /Expected a whole number from 1 to 100, for --max-replicas, received "0"/],
    [['--max-replicas', '3.5'], /for --max-replicas/],
    [['--cooldown', '5'], /from 30 to 3600, for --cooldown/],
    [['--polling=1'], /from 5 to 300, for --polling/],
    [['--budget', 'much'], /for --budget/],
    [['--alert-email', 'me'], /Expected an e-mail address, for --alert-email/],
    [['--build', 'podman'], /for --build/],
    [['--tag', '-x'], /for --tag/],
    [['--tag', 'a', '--skip-image'], /for --tag and --skip-image/],
    [['--destroy', '--what-if'], /for --destroy and --what-if/],
    [['--set', 'maxReplicas=5'], /Expected the option that is made for it, for --set/],
    [['--set', 'nothing'], /Expected NAME=VALUE, for --set/],
    [['--set', 'WebhookSecrets=whsec_x'], /Expected the environment variable WEBHOOK_SECRETS/],
    [['--name'], /Expected a value, for --name/],
    [['--frobnicate'], /Expected an option, for the command line, received "--frobnicate"/],
    [['up'], /received "up"/],
    [[], /for --max-replicas, received "many"/, { MAX_REPLICAS: 'many' }],
    [[], /for WEBHOOK_SECRETS, received "another text"/, { WEBHOOK_SECRETS: 'whsec_short' }],
    [[], /for RETRY_PAUSES_SECONDS/, { RETRY_PAUSES_SECONDS: 'long' }],
  ];
  for (const [args, message, env] of wrong) {
    test(`${args.join(' ') || Object.keys(env ?? {})[0]} is refused`, () => {
      const { status, stdout, stderr } = runBare(args, env);
      assert.equal(status, 2);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /whsec_[a-z]/);
      assert.equal(stdout, '');
    });
  }

  test('--help has every option and every variable', () => {
    const { status, stdout } = runBare(['--help'], { PATH: '/nowhere' });
    assert.equal(status, 0);
    const source = readFileSync(join(repositoryRoot, 'infra/azure/deploy/options.sh'), 'utf8');
    const code = source.slice(source.indexOf('read_environment()'));
    const flags = new Set(code.match(/(?<=^ {4}|\| )--[a-z-]+(?=\)| \|)/gm));
    const variables = new Set([...code.matchAll(/\$\{([A-Z_]+):-/g)].map(([, name]) => name ?? ''));
    assert.ok(flags.size >= 20 && variables.size >= 12);
    for (const word of [...flags, ...variables]) assert.ok(stdout.includes(word), word);
  });
});

suite('without what it needs', () => {
  test('the script names the tool that is missing, and where to get it', () => {
    const { status, stderr } = runBare([]);
    assert.equal(status, 1);
    assert.match(stderr, /Expected the command az on the PATH, for deploying, received none: https:/);
  });

  test('docker is only needed to build with it', async (context) => {
    using house = buildHouse();
    rmSync(join(house.root, '../bin/docker'));
    // The system's own docker, where there is one, is hidden as well.
    const env = { PATH: `${join(house.root, '../bin')}:/usr/bin:/bin` };
    if (spawnSync('bash', ['-c', 'command -v docker'], { env }).status === 0) {
      return context.skip('there is a docker among the tools of the system');
    }
    const { status, stderr, calls } = await house.run(['--build', 'docker'], { env });
    assert.equal(status, 1);
    assert.match(stderr, /Expected the command docker on the PATH/);
    assert.deepEqual(changing(calls), []);
  });

  test('an az that is too old is refused', async () => {
    using house = buildHouse();
    const { status, stderr } = await house.run([], { env: { STUB_AZ_VERSION: '2.45.0' } });
    assert.equal(status, 1);
    assert.match(stderr, /Expected az 2\.\d+ or newer, for Flex Consumption, received 2\.45\.0: az upgrade/);
  });

  test('a missing login, and a subscription that is not seen, are told', async () => {
    using house = buildHouse();
    const login = { STUB_FAIL: 'az account show', STUB_FAIL_TEXT: "Please run 'az login' to setup account." };
    const out = await house.run([], { env: login });
    assert.match(out.stderr, /Expected a login at Azure, for deploying, received none that works: az login/);
    const text = "Subscription 'x' not found. Check the spelling and casing and try again.";
    const other = await house.run(['--subscription', 'x'], { env: { ...login, STUB_FAIL_TEXT: text } });
    assert.match(
      other.stderr,
      /Expected a subscription that your login sees, for --subscription, received "x"/,
    );
    assert.deepEqual([out.status, other.status, changing(out.calls), changing(other.calls)], [1, 1, [], []]);
  });

  test('a region that is refused has nothing registered for it', async () => {
    using house = buildHouse();
    writeFileSync(join(house.state, 'providers'), 'Microsoft.App\nMicrosoft.Web\n');
    const { status, calls } = await house.run(['--location', 'westus']);
    assert.deepEqual([status, changing(calls)], [1, []]);
    const unknown = await house.run(['--location', 'moon', '--cpu-only']);
    assert.match(
      unknown.stderr,
      /Expected a region that infra\/azure\/main\.bicep allows, .* received "moon"/,
    );
    assert.deepEqual([unknown.status, changing(unknown.calls)], [1, []]);
  });

  test('a region without the GPU or the plan is refused, unless the user knows better', async () => {
    using house = buildHouse();
    const gpu = await house.run(['--location', 'westus', '--skip-checks', '--what-if']);
    assert.equal(gpu.status, 0);
    assert.match(
      gpu.stderr,
      /Expected the workload profile Consumption-GPU-NC8as-T4 in the region, for --gpu t4/,
    );
    const plan = await house.run(['--location', 'westus']);
    assert.equal(plan.status, 1);
    assert.match(plan.stderr, /Expected Flex Consumption in the region/);
    assert.deepEqual([changing(gpu.calls), changing(plan.calls)], [[], []]);
  });
});

suite('the scripts themselves', () => {
  test('are bash that parses', () => {
    for (const file of [script, ...parts]) execFileSync('bash', ['-n', file]);
  });

  test('are clean to shellcheck', (context) => {
    if (spawnSync('shellcheck', ['--version']).error) return context.skip('shellcheck is not on the PATH');
    const stub = join(repositoryRoot, 'infra/azure/deploy/testing/stub.sh');
    const { stdout } = spawnSync('shellcheck', ['--external-sources', script, stub], { cwd: repositoryRoot });
    assert.equal(stdout.toString(), '');
  });

  test('use nothing that bash 3.2 lacks', () => {
    const newer =
      /declare -A|local -n|mapfile|readarray|\$\{[a-z_]+(,,|\^\^|@Q)|&>>|\|&|wait -n|coproc|printf '%\(/;
    for (const file of [script, ...parts]) {
      const text = readFileSync(file, 'utf8');
      assert.doesNotMatch(text, newer, file);
      // An empty array counts as unset there, so one that may be empty is not expanded as it is.
      const bare = /(?<!\+)"\$\{(secrets|extra_parameters|given)\[@\]\}"/;
      assert.doesNotMatch(text, bare, file);
    }
  });

  const leftovers = (house: House) =>
    readdirSync(house.state).filter((file) => file.startsWith('impasto-deploy.'));

  test('an interrupted run ends at once, leaves no secret behind and tells how to go on', async () => {
    using house = buildHouse();
    for (const [signal, expected] of [
      ['TERM', 143],
      ['INT', 130],
    ] as const) {
      const env = { TMPDIR: house.state, STUB_INTERRUPTS: 'az deployment sub create', STUB_SIGNAL: signal };
      const { status, stderr } = await house.run(['--verbose'], { env });
      assert.equal(status, expected);
      assert.match(stderr, /Stopped in step \d+: Create the resources/);
      assert.equal(house.memory().outlived, undefined, 'the command is ended too');
      assert.deepEqual(leftovers(house), []);
    }
  });

  test('what a killed run leaves only its user can read, and the next run removes it', async () => {
    using house = buildHouse();
    const env = { TMPDIR: house.state };
    await house.run([], {
      env: { ...env, STUB_INTERRUPTS: 'az deployment sub create', STUB_SIGNAL: 'KILL' },
    });
    const [folder = ''] = leftovers(house);
    for (const path of [folder, join(folder, 'secret.json')])
      assert.equal(statSync(join(house.state, path)).mode & 0o077, 0, path);
    await house.run(['--destroy', '--yes'], { env });
    assert.deepEqual(leftovers(house), []);
  });
});
