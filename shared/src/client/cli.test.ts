import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { leadTo, outcomeOf, startCli } from './scripted-cli.ts';
import * as service from './scripted-service.ts';

const { jobId } = service;
const works = {
  submit: [service.accepted()],
  status: [service.running, service.running, service.completed],
  result: [service.picture],
};
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impasto-cli-'));
  await Promise.all(['content.jpg', 'style.jpg'].map((name) => writeFile(join(folder, name), name)));
});
after(() => rm(folder, { recursive: true }));

function start(args: readonly string[], environment: Record<string, string> = {}) {
  return startCli(args, folder, environment);
}

/** Runs the command against a service, without retries. */
function impasto(server: service.ScriptedService, ...args: string[]) {
  return outcomeOf(start(leadTo(server, args)));
}

const style = ['style', 'content.jpg', 'style.jpg'];

describe('impasto', { concurrency: 2 }, () => {
  test('style paints a file; in a pipe there is one line per change', async () => {
    await using server = await service.startScriptedService(works);
    const { stdout, stderr, code } = await impasto(
      server,
      ...style,
      'one.png',
      '-i',
      '.25',
      '--max-side',
      '64',
    );
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^one\.png: 64 x 48 png, 1 kB, painted in 1\.5 s by impasto-v1 on cpu\n {2}prompt applied: vibrant\n/,
    );
    assert.equal(stderr, `Job ${jobId} is queued.\nprocessing: stylizing\ncompleted\n`);
    assert.deepEqual(await readFile(join(folder, 'one.png')), Buffer.from(service.resultBytes));
    const body = JSON.parse(server.seen[0]?.body ?? '');
    assert.deepEqual([body.influence, body.max_side, body.output_format], [0.25, 64, 'png']);
  });

  test('style --json prints one document and nothing else', async () => {
    await using server = await service.startScriptedService(works);
    const { stdout, stderr, code } = await impasto(server, ...style, 'two.png', '--json');
    assert.deepEqual([code, stderr], [0, '']);
    const document = JSON.parse(stdout);
    assert.deepEqual([document.job_id, document.output_path, document.job.done], [jobId, 'two.png', true]);
  });

  test('submit --quiet prints the id alone; address and key come from the environment', async () => {
    await using server = await service.startScriptedService(works);
    const environment = { IMPASTO_URL: server.url, IMPASTO_KEY: 'secret' };
    const submitted = await outcomeOf(start(['submit', 'content.jpg', 'style.jpg', '-q'], environment));
    assert.deepEqual(submitted, { stdout: `${jobId}\n`, stderr: '', code: 0 });
    assert.equal(server.seen[0]?.headers['x-functions-key'], 'secret');
    assert.match(server.seen[0]?.headers['user-agent'] ?? '', /^impasto-cli\//);
  });

  test('status of a failed job is an answer, wait for it is a failure', async () => {
    await using server = await service.startScriptedService({ status: [service.failed] });
    const status = await impasto(server, 'status', jobId);
    assert.equal(status.code, 0);
    assert.match(status.stdout, /failed\n[\s\S]*The content image cannot be decoded\. \(image_corrupt\)\n$/);
    const wait = await impasto(server, 'wait', jobId, '--json');
    assert.deepEqual([wait.code, wait.stderr], [1, '']);
    const { error, job } = JSON.parse(wait.stdout);
    assert.deepEqual([error.code, error.job_id, job.error.code], ['job_failed', jobId, 'image_corrupt']);
  });

  test('result writes the file, unless its name means another format', async () => {
    await using server = await service.startScriptedService(works);
    assert.equal((await impasto(server, 'result', jobId, 'three.png')).code, 0);
    assert.deepEqual(await readFile(join(folder, 'three.png')), Buffer.from(service.resultBytes));
    const wrong = await impasto(server, 'result', jobId, 'three.jpg');
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /Expected a file name for image\/png, received "three\.jpg"/);
    assert.ok(!(await readdir(folder)).includes('three.jpg'));
  });

  test('a refusal lists every field and the request', async () => {
    const errors = [{ pointer: '/model', code: 'unknown_model', detail: 'Expected a known model.' }];
    const refused = service.problem(422, 'invalid_body', {}, { errors });
    await using server = await service.startScriptedService({ submit: [refused] });
    const { stdout, stderr, code } = await impasto(server, ...style, 'four.png', '--model', 'none');
    assert.deepEqual([code, stdout], [1, '']);
    assert.equal(
      stderr,
      'impasto: Title of invalid_body: Detail of invalid_body.\n  /model: Expected a known model.\nrequest: request-7\n',
    );
  });

  test('wrong usage exits with 2 and sends nothing', async () => {
    await using server = await service.startScriptedService(works);
    const usages = [
      [...style, 'x.png', '--influence', '1.1'],
      ['style', 'missing.jpg', 'style.jpg', 'x.png'],
      ['status', 'not-a-uuid'],
      ['frobnicate'],
    ];
    for (const args of usages) {
      const { stderr, code } = await impasto(server, ...args);
      assert.equal(code, 2, args.join(' '));
      assert.doesNotMatch(stderr, /\n\s+at /);
    }
    const { stdout, stderr } = await impasto(server, ...style, 'x.png', '--json', '--influence', '0.7abc');
    assert.equal(stderr, '');
    assert.match(JSON.parse(stdout).error.message, /Expected a number, received "0\.7abc"/);
    assert.equal(server.seen.length, 0);
  });

  test('a service that is not there, or is another one, exits with 3', async () => {
    const server = await service.startScriptedService({ status: [service.html] });
    const other = await impasto(server, 'status', jobId);
    assert.equal(other.code, 3);
    assert.match(other.stderr, /received text\/html .*is this the address of the service\?/);
    await server[Symbol.asyncDispose]();
    const gone = await impasto(server, ...style, 'x.png');
    assert.equal(gone.code, 3);
    assert.match(gone.stderr, /^impasto: Cannot reach the service at .*: the connection was refused\.\n$/);
  });

  test('--timeout exits with 4 and tells how to come back', async () => {
    await using server = await service.startScriptedService({ ...works, status: [service.running] });
    const { stderr, code } = await impasto(server, ...style, 'x.png', '--timeout', '0.2');
    assert.equal(code, 4);
    assert.ok(
      stderr.includes(`The job goes on. Wait for it again with: impasto --url ${server.url} wait ${jobId}\n`),
    );
  });

  test('Ctrl-C during the wait exits with 130 and tells how to come back', async () => {
    await using server = await service.startScriptedService({ ...works, status: [service.running] });
    const child = start([...style, 'x.png'], { IMPASTO_URL: server.url });
    const outcome = outcomeOf(child);
    child.stderr.on('data', (chunk) => String(chunk).includes('stylizing') && child.kill('SIGINT'));
    const { stderr, code } = await outcome;
    assert.equal(code, 130);
    assert.match(stderr, /impasto: Interrupted\./);
    assert.ok(stderr.includes(`The job goes on. Wait for it again with: impasto wait ${jobId}\n`));
  });

  test('help tells examples and exit codes, and --version the version', async () => {
    const help = await outcomeOf(start(['--help']));
    assert.equal(help.code, 0);
    assert.match(help.stdout, /Examples:[\s\S]*Exit codes:\n {2}0 {4}done[\s\S]*130/);
    const version = await outcomeOf(start(['--version']));
    assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  });
});
