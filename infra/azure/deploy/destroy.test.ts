// --destroy against stubs: what it asks, what it deletes and purges, and that it can be run again.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { callsOf, changing } from './testing/calls.ts';
import { buildHouse } from './testing/house.ts';

const whole = ['az group delete', 'az keyvault purge', 'az deployment sub delete'];

suite('deploy-azure.sh --destroy', { concurrency: 2 }, () => {
  test('shows what there is, asks for the name, deletes, purges the vault, and leaves no record', async () => {
    using house = buildHouse({ deployed: true });
    const { status, stdout, stderr, calls } = await house.run(['--destroy'], { input: 'impasto\n' });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /Microsoft\.Storage\/storageAccounts\tsttest/);
    assert.match(stderr, /Type the name of the environment/);
    assert.deepEqual(changing(calls), whole);
    assert.deepEqual(house.memory().record, undefined);
    assert.equal(house.memory()['deleted-vault'], undefined);
  });

  test('deletes nothing on another name, or on no answer', async () => {
    using house = buildHouse({ deployed: true });
    for (const input of ['impast\n', '']) {
      const { status, stderr, calls } = await house.run(['--destroy'], { input });
      assert.equal(status, 1);
      assert.match(stderr, /Expected the name "impasto", for deleting it, received "(impast)?"/);
      assert.deepEqual(changing(calls), []);
    }
  });

  test('does not ask with --yes, and has nothing to do the second time', async () => {
    using house = buildHouse({ deployed: true });
    const first = await house.run(['--destroy', '--yes']);
    assert.deepEqual([first.status, changing(first.calls)], [0, whole]);
    const second = await house.run(['--destroy', '--yes']);
    assert.equal(second.status, 0);
    assert.match(second.stdout, /There is nothing of the environment "impasto"/);
    assert.deepEqual(changing(second.calls), []);
  });

  for (const fail of [...whole, 'az keyvault list-deleted', 'az resource list']) {
    test(`succeeds in a second run after a failure of ${fail}`, async () => {
      using house = buildHouse({ deployed: true });
      const broken = await house.run(['--destroy', '--yes'], { env: { STUB_FAIL: fail } });
      assert.equal(broken.status, 1);
      assert.match(
        broken.stderr,
        /planned failure[\s\S]*Stopped in step \d+: [\s\S]*deploy-azure\.sh --destroy --yes\n$/,
      );
      const again = await house.run(['--destroy', '--yes']);
      assert.equal(again.status, 0, again.stderr);
      assert.equal(house.remembers('deleted-vault'), '');
      assert.deepEqual(callsOf(again.calls, 'az deployment sub create'), []);
    });
  }

  test('is followed by a deployment under the same name', async () => {
    using house = buildHouse({ deployed: true });
    await house.run(['--destroy', '--yes']);
    writeFileSync(join(house.state, 'images'), '');
    const { status, stderr } = await house.run(['--no-smoke-test']);
    assert.equal(status, 0, stderr);
  });
});
