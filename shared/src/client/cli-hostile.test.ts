// What a service says that means ill, as the command line prints it.
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { describe, test } from 'node:test';
import { leadTo, outcomeOf, startCli } from './scripted-cli.ts';
import * as service from './scripted-service.ts';

const { jobId } = service;
const hostile = '\x1b]0;owned\x07\x1b[2J\x9b31m\u202e';
const shown = '\\u001b]0;owned\\u0007\\u001b[2J\\u009b31m\\u202e';

function hostileView() {
  const { result, ...view } = service.completedView();
  assert.ok(result);
  return {
    ...view,
    metadata: { note: hostile },
    result: { ...result, prompt: { applied: [], ignored: [hostile] } },
  };
}

function impasto(server: service.ScriptedService, ...args: string[]) {
  return outcomeOf(startCli(leadTo(server, args), tmpdir()));
}

describe('impasto, before a service that means ill', { concurrency: 2 }, () => {
  test('prints nothing that a terminal obeys, and loses none of it', async () => {
    await using server = await service.startScriptedService({
      status: [service.json(200, hostileView())],
      jobs: [service.json(200, { jobs: [hostileView()], next_cursor: null })],
      cancel: [
        service.problem(
          400,
          'bad',
          {},
          { detail: hostile, errors: [{ pointer: hostile, detail: hostile, code: 'invalid_value' }] },
        ),
      ],
    });
    const status = await impasto(server, 'status', jobId);
    const list = await impasto(server, 'list');
    const cancel = await impasto(server, 'cancel', jobId);
    for (const text of [status.stdout, list.stdout, cancel.stderr]) {
      assert.match(text, /^(?:[\x20-\x7e]+\n)+$/);
      assert.ok(text.includes('u009b31m\\u202e'), text);
    }
    assert.ok(status.stdout.includes(`\n    prompt ignored: ${shown}\n`), status.stdout);
    assert.deepEqual([status.code, list.code, cancel.code], [0, 0, 1]);
  });

  test('with --json it prints JSON that says the same', async () => {
    const detail = `no: ${hostile}`;
    await using server = await service.startScriptedService({
      status: [service.json(200, hostileView())],
      cancel: [service.problem(400, 'bad', {}, { detail })],
    });
    const status = await impasto(server, 'status', jobId, '--json');
    const cancel = await impasto(server, 'cancel', jobId, '--json');
    for (const { stdout } of [status, cancel]) assert.match(stdout, /^[\x20-\x7e\n]+$/);
    assert.equal(JSON.parse(status.stdout).metadata.note, hostile);
    assert.ok(JSON.parse(cancel.stdout).error.message.includes(detail), cancel.stdout);
  });

  test('takes a word that every object knows for a word', async () => {
    const wait = service.waitView({ reason: 'constructor' });
    await using server = await service.startScriptedService({
      cancel: [service.problem(400, 'constructor')],
      status: [service.json(200, service.statusView({ status: 'queued', phase: 'queued', wait }))],
    });
    const cancel = await impasto(server, 'cancel', jobId);
    assert.deepEqual([cancel.code, /Detail of constructor/.test(cancel.stderr)], [1, true], cancel.stderr);
    assert.match((await impasto(server, 'status', jobId)).stdout, /\n {2}constructor; 20-60 s\n/);
  });
});
