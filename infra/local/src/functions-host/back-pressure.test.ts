// What the door does under load and without its storage: the Functions host as a process, the app, a storage emulator.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { limits, problemSchema } from '@impasto/shared';
import { connectStorage, createContainersAndQueue } from '@impasto/shared/azure';
import { until } from '@impasto/shared/testing';
import { type Emulator, startAzurite } from '@impasto/shared/testing/azurite';
import { startFaultProxy } from '@impasto/shared/testing/fault-proxy';
import { tinyPng } from '@impasto/shared/testing/pictures';
import { z } from 'zod';

const hostScript = new URL('./main.ts', import.meta.url);
const appUrl = new URL('../../../../azure-function/src/main.ts', import.meta.url);

let emulator: Emulator;

before(async () => {
  emulator = await startAzurite();
});
after(() => emulator.stop());

/** The door in a process of its own, before an empty storage. */
async function startDoor(connectionString: string, settings: Record<string, string> = {}) {
  await createContainersAndQueue({ STORAGE_CONNECTION_STRING: emulator.connectionString });
  const lines: string[] = [];
  const child = fork(hostScript, [], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: {
      ...process.env,
      PORT: '0',
      FUNCTION_APP_URL: appUrl.href,
      FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: String(limits.maxBodyBytes),
      STORAGE_CONNECTION_STRING: connectionString,
      ...settings,
    },
  });
  if (child.stdout) createInterface(child.stdout).on('line', (line) => lines.push(line));
  const exited = once(child, 'exit');
  const [ready] = await once(child, 'message');
  const url = `http://127.0.0.1:${z.object({ port: z.number() }).parse(ready).port}/api`;
  return {
    pid: child.pid,
    url,
    mentions: (event: string) => lines.filter((line) => line.includes(event)).length,
    submit: (body: Buffer) => post(`${url}/style-transfer`, body),
    async [Symbol.asyncDispose]() {
      child.disconnect();
      await exited;
    },
  };
}

interface Answer {
  readonly status: number | undefined;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

/** Without a copy of the body, of which there may be many large ones. */
async function post(url: string, body: Buffer): Promise<Answer> {
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  const outgoing = request(url, { method: 'POST', headers }).end(body);
  const [response] = await once(outgoing, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, retryAfter: response.headers['retry-after'], text };
}

/** A submission whose images have so many bytes each. */
function submission(imageBytes: number): Buffer {
  const picture = tinyPng(32, 24);
  const image = Buffer.concat([picture, Buffer.alloc(imageBytes - picture.length)]).toString('base64');
  return Buffer.from(JSON.stringify({ content_image: image, style_image: image }));
}

const small = submission(1_000);

function assertRefused({ status, retryAfter, text }: Answer, expected: number, code: string): void {
  const problem = problemSchema.parse(JSON.parse(text));
  assert.deepEqual([status, problem.code, problem.retryable], [expected, code, true]);
  assert.match(retryAfter ?? '', /^[1-9]\d*$/);
}

async function contents() {
  const storage = connectStorage({ STORAGE_CONNECTION_STRING: emulator.connectionString });
  const found = { jobs: 0, images: 0, messages: await storage.queue.countMessages() };
  for await (const _job of storage.jobs.list()) found.jobs += 1;
  for await (const _image of storage.images.list('inputs/')) found.images += 1;
  return found;
}

describe('a burst of submissions', () => {
  it('fills the queue to its limit and no further; each one that was taken has its message', async () => {
    await using door = await startDoor(emulator.connectionString, { MAX_QUEUED: '20' });
    const answers = await Promise.all(Array.from({ length: 100 }, () => door.submit(small)));
    const refused = answers.filter(({ status }) => status !== 202);
    assert.equal(answers.length - refused.length, 20);
    for (const answer of refused) assertRefused(answer, 429, 'queue_full');
    assert.deepEqual(await contents(), { jobs: 20, images: 40, messages: 20 });
  });
});

describe('a storage that is gone', () => {
  it('is asked less and less, until callers hear at once that it is; and is found again by itself', async () => {
    let calls = 0;
    let gone = false;
    const rule = () => {
      calls += 1;
      return gone ? ({ kind: 'cut_before' } as const) : undefined;
    };
    const proxy = startFaultProxy({ connectionString: emulator.connectionString, rule });
    await using door = await startDoor(await proxy.open('door'));
    const health = () => fetch(`${door.url}/health`);
    assert.equal((await health()).status, 200);

    gone = true;
    await until('an answer without a call to the storage', async () => {
      const before = calls;
      assertRefused(await door.submit(small), 503, 'storage_unavailable');
      return calls === before;
    });
    const ill = await health();
    assert.equal(ill.status, 503);
    assert.match(ill.headers.get('retry-after') ?? '', /^[1-9]\d*$/);

    gone = false;
    await until('a storage that is found again', async () => (await health()).status === 200, 30_000);
    await until('a job that is taken', async () => (await door.submit(small)).status === 202);
    assert.ok(door.mentions('circuit.opened') <= 2 && door.mentions('circuit.opened') > 0);
    assert.equal(door.mentions('circuit.closed'), door.mentions('circuit.opened'));
    await proxy.stop();
  });
});

describe('ten of the largest bodies at once', () => {
  it('are all taken within bounded memory, and small requests are served meanwhile and after', async () => {
    await using door = await startDoor(emulator.connectionString);
    const peak = watchMemory(door.pid);
    const large = submission(19_900_000);
    const all = Promise.all(Array.from({ length: 10 }, () => door.submit(large)));
    let served = 0;
    const done = all.then(() => true);
    while (!(await Promise.race([done, door.submit(small).then(() => false)]))) served += 1;
    for (const { status, text } of await all) assert.equal(status, 202, text);
    assert.ok(served >= 3, `${served} small submissions were served meanwhile`);
    assert.equal((await door.submit(small)).status, 202);
    assert.ok((await peak.stop()) < 1_500, `the door took ${await peak.stop()} MiB`);
  });
});

/** The most memory that a process takes, in MiB; 0 where the system does not say. */
function watchMemory(pid: number | undefined) {
  let most = 0;
  const look = async () => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    most = Math.max(most, Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024);
  };
  const timer = setInterval(look, 50);
  return {
    async stop(): Promise<number> {
      clearInterval(timer);
      await look();
      return most;
    },
  };
}
