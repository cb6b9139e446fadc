import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { lockFolder } from './lock.ts';

const scratch = mkdtempSync(join(tmpdir(), 'impasto-lock-'));
after(() => rmSync(scratch, { recursive: true }));

test('a folder has one owner at a time', () => {
  const first = lockFolder(join(scratch, 'a'));
  assert.ok(first);
  assert.equal(lockFolder(join(scratch, 'a')), undefined);
  const other = lockFolder(join(scratch, 'b'));
  assert.ok(other);
  other.release();
  first.release();
  const again = lockFolder(join(scratch, 'a'));
  assert.ok(again);
  again.release();
});

test('an owner that was killed leaves a folder that is free', () => {
  const script = `
    import { lockFolder } from ${JSON.stringify(new URL('./lock.ts', import.meta.url).href)};
    if (lockFolder(${JSON.stringify(join(scratch, 'c'))})) process.stdout.write('mine');
    process.kill(process.pid, 'SIGKILL');`;
  const killed = spawnSync(process.execPath, ['--input-type=module', '--eval', script]);
  assert.equal(killed.stdout.toString(), 'mine');
  assert.equal(killed.signal, 'SIGKILL');
  const next = lockFolder(join(scratch, 'c'));
  assert.ok(next);
  next.release();
});
