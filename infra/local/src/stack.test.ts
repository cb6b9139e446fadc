// The whole stack with a small app and a fake worker: what people see, and that nothing stays behind.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '@impasto/shared/testing';

const script = fileURLToPath(new URL('./testing/fake-stack.ts', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'impasto-stack-'));
const started = new Set<ChildProcess>();
after(() => {
  for (const child of started) if (groupLives(child)) process.kill(-(child.pid ?? 0), 'SIGKILL');
  rmSync(scratch, { recursive: true, force: true });
});

/** Starts a stack as the leader of a process group of its own, which all of its processes belong to. */
function start(dataDir: string, env: Record<string, string> = {}) {
  const quick = { PORT: '0', COOLDOWN_SECONDS: '0.2', POLLING_SECONDS: '0.05' };
  const child = spawn(process.execPath, [script], {
    detached: true,
    env: { ...process.env, ...quick, IMPASTO_DATA_DIR: join(scratch, dataDir), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.add(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    output.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.stderr += chunk;
  });
  const closed = once(child, 'close').then(([code]) => code);
  const says = (pattern: RegExp) =>
    until(`${pattern} in the output`, () => pattern.exec(output.stdout) ?? undefined, 60_000);
  return { child, output, closed, says };
}

function groupLives({ pid }: ChildProcess): boolean {
  try {
    return process.kill(-(pid ?? 0), 0);
  } catch {
    return false;
  }
}

function logOf(dataDir: string): string {
  const file = join(scratch, dataDir, 'logs/worker-1.log');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

const ready = /^ready (http:\/\/localhost:\d+)$/m;

test('a job wakes a worker, and Ctrl-C lets it finish and leaves nothing behind', async () => {
  const stack = start('whole', { FAKE_JOB_MS: '1500', MAX_REPLICAS: '1' });
  const [, url] = await stack.says(ready);
  assert.doesNotMatch(stack.output.stdout, /worker 1 started/);

  const facts = async () => (await fetch(`${url}/api/facts`)).json();
  assert.deepEqual(await facts(), { messages: 0, MODELS: 'fake@1.0.0', MAX_REPLICAS: '1' });
  await fetch(`${url}/api/messages`, { method: 'POST', body: 'paint' });
  await stack.says(/worker 1 started/);
  await until('a worker at work', () => logOf('whole').includes('took'));

  const second = start('whole');
  assert.equal(await second.closed, 1);
  assert.match(
    second.output.stderr,
    /^Expected a data folder of its own, for IMPASTO_DATA_DIR, received .*\n$/,
  );

  process.kill(-(stack.child.pid ?? 0), 'SIGINT');
  assert.equal(await stack.closed, 0);
  assert.match(logOf('whole'), /removed a message/);
  assert.match(stack.output.stdout, /worker 1 stopped\nStopped\.\n$/);
  assert.equal(stack.output.stderr, '');
  assert.equal(groupLives(stack.child), false);
});

test('no process outlives a stack that is killed, and its work waits for the next start', async () => {
  const killed = start('killed', { FAKE_JOB_MS: '600000' });
  const [, url] = await killed.says(ready);
  await fetch(`${url}/api/messages`, { method: 'POST', body: 'paint' });
  await killed.says(/worker 1 started/);
  killed.child.kill('SIGKILL');
  await until('the end of every process', () => !groupLives(killed.child));

  const next = start('killed', { FAKE_JOB_MS: '600000' });
  const [, again] = await next.says(ready);
  const facts: unknown = await (await fetch(`${again}/api/facts`)).json();
  assert.ok(typeof facts === 'object' && facts !== null && 'messages' in facts);
  assert.equal(facts.messages, 1);
  next.child.kill('SIGKILL');
  await until('the end of every process', () => !groupLives(next.child));
});

test('a second Ctrl-C does not wait for a worker', async () => {
  const stack = start('impatient', { FAKE_JOB_MS: '600000' });
  const [, url] = await stack.says(ready);
  await fetch(`${url}/api/messages`, { method: 'POST', body: 'paint' });
  await stack.says(/worker 1 started/);
  await until('a worker at work', () => logOf('impatient').includes('took'));
  await until('the end of every process', () => {
    if (stack.child.exitCode === null && groupLives(stack.child))
      process.kill(-(stack.child.pid ?? 0), 'SIGINT');
    return !groupLives(stack.child);
  });
  assert.equal(await stack.closed, 1);
});

test('a worker that could not work is found out at the start, in its own words', async () => {
  const stack = start('unable', {
    FAKE_CHECK_PROBLEM: 'expected a model folder, for MODEL_PATH, received "/none"',
  });
  assert.equal(await stack.closed, 1);
  assert.equal(stack.output.stderr, 'expected a model folder, for MODEL_PATH, received "/none"\n');
  assert.equal(groupLives(stack.child), false);
});

test('a stop during the start is a stop', async () => {
  const stack = start('hasty');
  await stack.says(/^Starting/);
  stack.child.kill('SIGTERM');
  assert.equal(await stack.closed, 0);
  assert.doesNotMatch(stack.output.stdout, ready);
  assert.equal(groupLives(stack.child), false);
});

test('a port that somebody listens on is refused with what to do', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  assert.ok(typeof address === 'object' && address !== null);
  const stack = start('port', { PORT: String(address.port) });
  assert.equal(await stack.closed, 1);
  assert.equal(
    stack.output.stderr,
    `Expected a free port for PORT, received ${address.port}, which another process listens on; set PORT=... to choose another\n`,
  );
  other.close();
});

test('settings that are wrong are all listed', async () => {
  const stack = start('settings', { PORT: 'http', MAX_REPLICAS: '0' });
  assert.equal(await stack.closed, 1);
  assert.deepEqual(stack.output.stderr.trim().split('\n'), [
    'Expected number, for PORT, received "http"',
    'Expected number to be >=1, for MAX_REPLICAS, received "0"',
  ]);
});
