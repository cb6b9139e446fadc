// The smoke test as a process, against a service on a real socket.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  accepted,
  completed,
  json,
  picture,
  problem,
  resultBytes,
  running,
  startScriptedService,
} from '../../../shared/src/client/scripted-service.ts';

const program = fileURLToPath(new URL('smoke-test.ts', import.meta.url));
const samples = fileURLToPath(new URL('../../../samples', import.meta.url));
const healthy = json(200, { status: 'ok' });

async function runSmokeTest(url: string, { provider = 'cpu', seconds = 30 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'smoke-'));
  try {
    const env = { ...process.env, IMPASTO_URL: url, IMPASTO_KEY: 'a-key' };
    const child = spawn(process.execPath, [program, samples, folder, provider, String(seconds)], { env });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text) => (stdout += text));
    child.stderr.on('data', (text) => (stderr += text));
    const status = await new Promise((resolve) => child.once('close', resolve));
    const painted = status === 0 ? readFileSync(join(folder, 'smoke-test.png')) : undefined;
    return { status, stdout, stderr, painted };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

suite('smoke test', { concurrency: 3 }, () => {
  test('waits for the service, sends a job with the key that is painted anew, and fetches its picture', async () => {
    await using service = await startScriptedService({
      // What is no other route: health twice, then the submission.
      submit: [problem(503, 'storage_unavailable'), healthy, accepted()],
      status: [running, completed],
      result: [picture],
    });
    const { status, stdout, stderr, painted } = await runSmokeTest(service.url);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^Job [0-9a-f-]{36}: 19 bytes after \d+ s, painted on cpu\.\n$/);
    assert.deepEqual(new Uint8Array(painted ?? []), resultBytes);
    const submission = service.seen.find(({ method }) => method === 'POST');
    assert.equal(submission?.headers['x-functions-key'], 'a-key');
    assert.equal(JSON.parse(submission?.body ?? '').no_cache, true);
  });

  test('fails when another provider has painted', async () => {
    await using service = await startScriptedService({
      submit: [healthy, accepted()],
      status: [completed],
      result: [picture],
    });
    const { status, stderr } = await runSmokeTest(service.url, { provider: 'cuda' });
    assert.equal(status, 1);
    assert.match(stderr, /^Expected the execution provider cuda, for job [0-9a-f-]{36}, received cpu/);
  });

  test('ends within its limit, and says what it waited for', async () => {
    await using service = await startScriptedService({ submit: [problem(503, 'storage_unavailable')] });
    const down = await runSmokeTest(service.url, { seconds: 2 });
    assert.equal(down.status, 1);
    assert.match(
      down.stderr,
      /^Expected a picture within 2 s, .*: GET \/api\/health does not answer 200 \(status 503\)/,
    );
    await using waiting = await startScriptedService({
      submit: [healthy, accepted()],
      status: [running],
    });
    const slow = await runSmokeTest(waiting.url, { seconds: 3 });
    assert.equal(slow.status, 1);
    assert.match(
      slow.stderr,
      /^Expected a picture within 3 s, .*npx impasto status [0-9a-f-]{36} tells more/,
    );
  });
});
