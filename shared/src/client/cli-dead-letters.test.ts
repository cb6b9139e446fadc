import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { describe, test } from 'node:test';
import { leadTo, outcomeOf, startCli } from './scripted-cli.ts';
import * as service from './scripted-service.ts';

const { jobId } = service;
const message = `message-${'0a'.repeat(16)}`;

function start(...answers: service.Answer[]) {
  return service.startScriptedService({ 'dead-letters': answers });
}

/** Runs `impasto dead-letters` against a service. */
function deadLetters(server: service.ScriptedService, ...args: string[]) {
  return outcomeOf(startCli(leadTo(server, ['dead-letters', ...args]), tmpdir()));
}

function item(overrides: object = {}) {
  return {
    id: jobId,
    job_id: jobId,
    reason: 'model_failed',
    state: 'open',
    failed_at: '2026-01-02T03:04:06.000Z',
    replays: 0,
    dead_letter_url: `/api/dead-letters/${jobId}`,
    status_url: `/api/status/${jobId}`,
    ...overrides,
  };
}

const itemOfMessage = item({
  id: message,
  job_id: null,
  reason: 'bad_message',
  replays: null,
  status_url: null,
});

function page(items: object[], next: string | null = null): service.Answer {
  return service.json(200, { items, next_cursor: next });
}

describe('impasto dead-letters', { concurrency: 2 }, () => {
  test('list follows the pages, also empty ones, until there are enough', async () => {
    await using server = await start(page([item()], 'a'), page([], 'b'), page([itemOfMessage], 'c'));
    const { stdout, stderr, code } = await deadLetters(server, 'list', '--limit', '2', '--state', 'all');
    assert.equal(code, 0);
    assert.equal(
      stdout,
      `${jobId}      open      2026-01-02T03:04:06.000Z  model_failed\n` +
        `${message}  open      2026-01-02T03:04:06.000Z  bad_message\n`,
    );
    assert.equal(stderr, 'There may be more: --limit shows them.\n');
    assert.deepEqual(
      server.seen.map(({ url }) => url.replace('/api/dead-letters', '')),
      ['?state=all&limit=2', '?state=all&limit=1&cursor=a', '?state=all&limit=1&cursor=b'],
    );
  });

  test('list --json is one document', async () => {
    await using server = await start(page([item()], 'a'), page([]));
    const { stdout, stderr } = await deadLetters(server, 'list', '--json', '--reason', 'model_failed');
    assert.deepEqual([JSON.parse(stdout), stderr], [{ items: [item()], next_cursor: null }, '']);
  });

  test('show says how to go on, or why not, and quotes what came in', async () => {
    const more = {
      message: 'it broke',
      attempt: 5,
      text: null,
      replayable: true,
      not_replayable_because: null,
    };
    const evil = { ...more, text: '\u001b[2J', replayable: false, not_replayable_because: 'no job is known' };
    await using server = await start(
      service.json(200, { ...item(), ...more }),
      service.json(200, { ...itemOfMessage, ...evil }),
    );
    const job = await deadLetters(server, 'show', jobId);
    assert.equal(job.code, 0);
    assert.match(job.stdout, /open\n {2}it broke \(model_failed\)\n/);
    assert.ok(
      job.stdout.includes(`replay with: impasto --url ${server.url} dead-letters replay ${jobId}\n`),
      job.stdout,
    );
    const other = await deadLetters(server, 'show', message);
    assert.match(other.stdout, /text {4}"\\u001b\[2J"\n {2}not replayable: no job is known\n/);
  });

  test('replay of one prints the job and how to wait for it', async () => {
    await using server = await start(service.json(202, service.statusView({ status: 'queued' })));
    const { stdout, stderr, code } = await deadLetters(server, 'replay', jobId);
    assert.equal(code, 0);
    assert.ok(stdout.startsWith(`${jobId} queued\n`));
    assert.ok(stderr.includes(`wait ${jobId}\n`));
  });

  test('replay of many goes on to the end, adds up, and ends with 1 where it skipped any', async () => {
    const skipped = [{ id: message, job_id: null, code: 'not_replayable', detail: 'Expected a job' }];
    await using server = await start(
      service.json(200, { replayed: 2, skipped, next_cursor: 'a', more: true }),
      service.json(200, { replayed: 1, skipped: [], next_cursor: null, more: false }),
    );
    const { stdout, code } = await deadLetters(server, 'replay', '--all');
    assert.deepEqual([code, stdout], [1, `3 replayed, 1 skipped\n  skipped ${message}: Expected a job\n`]);
    assert.deepEqual(
      server.seen.map(({ body }) => JSON.parse(body)),
      [{ all: true }, { all: true, cursor: 'a' }],
    );
  });

  test('purge asks, and where there is nobody to ask it wants --yes', async () => {
    const gone: service.Answer = (response) => response.writeHead(204).end();
    await using server = await start(gone);
    const refused = await deadLetters(server, 'purge', jobId);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /Expected --yes/);
    assert.equal(server.seen.length, 0);
    const { stdout, code } = await deadLetters(server, 'purge', jobId, '--yes', '--json');
    assert.deepEqual([code, JSON.parse(stdout)], [0, { purged: 1, skipped: [] }]);
    assert.equal(server.seen[0]?.method, 'DELETE');
  });

  test('purge of many takes one reason', async () => {
    await using server = await start(
      service.json(200, { purged: 4, skipped: [], next_cursor: null, more: false }),
    );
    const { stdout, code } = await deadLetters(server, 'purge', '--reason', 'bad_message', '-y');
    assert.deepEqual([code, stdout], [0, '4 purged\n']);
    assert.equal(server.seen[0]?.url, '/api/dead-letters?reason=bad_message');
  });

  test('wrong usage exits with 2 and sends nothing', async () => {
    await using server = await start(page([]));
    const usages = [
      ['replay'],
      ['replay', jobId, '--all'],
      ['replay', '--all', '--reason', 'x'],
      ['purge', '--yes'],
      ['purge', 'replay', '--yes'],
      ['show', 'not-an-id'],
      ['list', '--limit', '0'],
      ['list', '--state', 'closed'],
      ['frobnicate'],
    ];
    for (const args of usages) {
      const { stderr, code } = await deadLetters(server, ...args);
      assert.equal(code, 2, `${args.join(' ')}: ${stderr}`);
      assert.doesNotMatch(stderr, /\n\s+at /);
    }
    assert.equal(server.seen.length, 0);
  });

  test('a refusal exits with 1 and says why', async () => {
    await using server = await start(service.problem(409, 'not_replayable'));
    const { stderr, code } = await deadLetters(server, 'replay', jobId);
    assert.equal(code, 1);
    assert.equal(stderr, 'impasto: Title of not_replayable: Detail of not_replayable.\nrequest: request-7\n');
  });
});
