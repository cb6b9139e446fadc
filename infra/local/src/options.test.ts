import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readOptions } from './options.ts';
import { healthPortIn } from './telemetry.ts';

test('telemetry is on when it is asked for', () => {
  assert.deepEqual({ ...readOptions([]) }, { telemetry: false, help: false });
  assert.deepEqual({ ...readOptions(['--telemetry']) }, { telemetry: true, help: false });
  assert.deepEqual({ ...readOptions(['-h']) }, { telemetry: false, help: true });
});

test('what is no option is named', () => {
  for (const args of [['--telemtry'], ['telemetry'], ['--telemetry=yes'], ['--help', 'me']]) {
    const received = args.map((arg) => JSON.stringify(arg)).join(' ');
    const message = `Expected --telemetry or --help, for npm start, received ${received}`;
    assert.throws(() => readOptions(args), { message });
  }
});

test('npm start says so before it starts anything', () => {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const run = (...args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
  const wrong = run('--telemtry');
  assert.deepEqual([wrong.status, wrong.stdout], [1, '']);
  assert.match(wrong.stderr, /^Expected --telemetry or --help, for npm start, received "--telemtry"$/m);
  const help = run('--help');
  assert.deepEqual([help.status, help.stderr], [0, '']);
  assert.match(help.stdout, /--telemetry {2}write traces/);
});

test("a worker's address is read from the one line that says it", () => {
  const line = { level: 'info', event: 'health.listening', port: 41_234 };
  assert.equal(healthPortIn(JSON.stringify(line)), 41_234);
  assert.equal(healthPortIn(JSON.stringify({ ...line, event: 'worker.ready' })), undefined);
  assert.equal(healthPortIn('about "health.listening" in words'), undefined);
});
