// A small run of the real thing, as a process: real parts, real signals, real faults.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '@impasto/shared/testing';
import { descendants, isAlive } from '../infra/local/src/testing/real-stack.ts';
import type { ChaosReport } from './report.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const small = ['--jobs', '30', '--kills', '4', '--outages', '1', '--json'];

function start(...args: string[]) {
  const child = spawn(process.execPath, [main, ...small, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  // A test that ends early must not leave the run behind.
  process.once('exit', () => child.kill());
  return child;
}

async function report(...args: string[]): Promise<ChaosReport> {
  const child = start(...args);
  const [output, notes, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  assert.equal(code, 0, `${output}\n${notes}`);
  return JSON.parse(output);
}

const folders = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('impasto-chaos-'));

describe('a small run of chaos', { concurrency: false }, () => {
  for (const mode of [[], ['--no-sweeper']]) {
    it(`loses no job and commits none twice ${mode.length > 0 ? 'without' : 'with'} the sweeper`, async () => {
      const { accepted, kills, outages, check, unfinished, networkFaults } = await report(...mode);
      assert.deepEqual([accepted, kills, outages], [30, 4, 1]);
      assert.deepEqual([check.lost, check.violations, unfinished], [0, [], []]);
      assert.ok(Object.keys(networkFaults).length > 4, JSON.stringify(networkFaults));
    });
  }

  it('leaves no process and no folder behind when it is stopped in the middle', async () => {
    const before = await folders();
    const child = start();
    const exited = once(child, 'exit');
    const { pid = 0 } = child;
    const running = await until(
      'the workers to be started',
      () => {
        const found = descendants(pid);
        return found.length > 4 && found;
      },
      60_000,
    );
    child.kill('SIGINT');
    const [code] = await exited;
    assert.equal(code, 1);
    await until('every process to be gone', () => !running.some(isAlive));
    assert.deepEqual(
      (await folders()).filter((name) => !before.includes(name)),
      [],
    );
  });
});
