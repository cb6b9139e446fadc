// S14, S18: what the logs of a whole run hold, and what they do not: a job that is painted, one that fails, a storage
// that goes away, and one that does not know our key.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isDone } from '@impasto/shared';
import { until } from '@impasto/shared/testing';
import { assertAccepted, assertProblem } from './answers.ts';
import { jobWith, png } from './pictures.ts';
import { exchange, get, post } from './raw-http.ts';
import { recordOf, type Service, startService } from './service.ts';

/** Without characters that no XML can hold, and so no queue. */
const forgedInQueue = '\r\n{"level":"error","event":"forged"}\x9b31m\u202e';
const forged = '\r\n{"level":"error","event":"forged"}\x1b[2J\x9b31m\u202e';
const wrongKey = Buffer.from('the key that nobody may ever see in a log or in an answer').toString('base64');
const answers: string[] = [];
let service: Service;
let stranger: Service;

async function ask(of: Service, path: string): Promise<void> {
  const answer = await exchange(of.port, get(path));
  answers.push(answer.body.toString());
  assertProblem(answer, 503, 'storage_unavailable');
}

async function submit(changes: Record<string, unknown>): Promise<string> {
  const receipt = assertAccepted(await exchange(service.port, post(jobWith(changes))));
  await until('the job to end', async () => isDone(await recordOf(service, receipt.job_id)), 60_000);
  return receipt.job_id;
}

async function untilLogged(event: string): Promise<void> {
  await until(`${event} in the log`, () => service.lines.some((line) => line.includes(event)), 60_000);
}

/** Whoever has such an address can read the picture: it belongs in the answer to its caller, and nowhere else. */
async function readSignedAddresses(jobId: string): Promise<void> {
  for (const path of [`/api/status/${jobId}?include=none`, '/api/jobs']) {
    const text = (await exchange(service.port, get(path))).body.toString();
    assert.match(text, /"result_url":"http[^"]+sig=/);
    const [address = ''] = /http[^"]+sig=[^"]+/.exec(text) ?? [];
    await fetch(address);
  }
}

async function runWithWorker(): Promise<void> {
  service.startWorker();
  const done = await submit({ additional_prompt: `very vibrant ${forged}`, max_side: 16 });
  assert.equal((await recordOf(service, done)).status, 'completed');
  await readSignedAddresses(done);
  const cut = png.subarray(0, png.length - 20).toString('base64');
  assert.equal((await recordOf(service, await submit({ content_image: cut }))).status, 'failed');
  await service.storage.queue.send(`not a message ${forgedInQueue}`);
  await untilLogged('message.dropped');
  await exchange(service.port, get(`/api/status/${encodeURIComponent(forged)}`));
  await service.stopStorage();
  await untilLogged('receive.failed');
  for (const path of ['/api/health', `/api/status/${done}`]) await ask(service, path);
  answers.push((await exchange(service.port, post(jobWith()))).body.toString());
}

before(async () => {
  service = await startService();
  const connectionString = service.connectionString.replace(/AccountKey=[^;]+/, `AccountKey=${wrongKey}`);
  stranger = await startService({ STORAGE_CONNECTION_STRING: connectionString });
  await ask(stranger, '/api/health');
  answers.push((await exchange(stranger.port, post(jobWith()))).body.toString());
  await runWithWorker();
});
after(() => Promise.all([service.stop(), stranger.stop()]));

const written = () => [...service.lines, ...stranger.lines];

describe('S14: secrets', () => {
  it('S14: stand in no log and no answer, neither the keys nor what is made with them', () => {
    const key = /AccountKey=([^;]+)/.exec(service.connectionString)?.[1] ?? '';
    assert.ok(key.length > 40 && written().length > 30 && answers.length === 5);
    for (const secret of [
      key,
      key.slice(0, 20),
      wrongKey,
      wrongKey.slice(0, 20),
      'AccountKey',
      'SharedKey',
      'sig=',
    ])
      for (const text of [...written(), ...answers]) assert.equal(text.includes(secret), false, text);
  });

  it('S14: no picture stands in a log', () => {
    for (const line of written()) assert.doesNotMatch(line, /[A-Za-z0-9+]{65,}/);
  });
});

describe('S18: log lines', () => {
  it('S18: are one JSON object each, without anything that a terminal would obey', () => {
    for (const line of written()) {
      assert.equal(typeof JSON.parse(line).event, 'string', line);
      assert.doesNotMatch(line, /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u);
    }
    assert.ok(!written().some((line) => JSON.parse(line).event === 'forged'));
    assert.ok(written().some((line) => line.includes('not a message')));
  });
});
