// The rules of the worker's image, read from its Dockerfile, and its bundle: it is made and run as in the image, in a
// folder that knows nothing of this repository.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import root from '../package.json' with { type: 'json' };
import { bundleWorker } from './bundle.ts';
import { tryOneJob } from './image/one-job.ts';
import ours from './package.json' with { type: 'json' };

const read = (name: string) => readFile(new URL(name, import.meta.url), 'utf8');

interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** The instructions of a Dockerfile, each on one line. */
function instructionsIn(dockerfile: string): Instruction[] {
  const lines = dockerfile.split('\n').filter((line) => !line.startsWith('#'));
  return lines
    .join('\n')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => ({ name: line.split(' ', 1)[0] ?? '', text: line.slice(line.indexOf(' ') + 1).trim() }));
}

const instructions = instructionsIn(await read('./Dockerfile'));
const textsOf = (name: string) => instructions.filter((one) => one.name === name).map(({ text }) => text);
const finalStage = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));
const inFinalStage = (name: string) => finalStage.filter((one) => one.name === name).map(({ text }) => text);
const defaults = new Map(
  textsOf('ARG').map((text) => [text.split('=', 1)[0], text.slice(text.indexOf('=') + 1)]),
);

describe("the worker's Dockerfile", () => {
  it('starts node itself as the first process, which no shell and no npm keeps from its signals', () => {
    const [entrypoint = ''] = inFinalStage('ENTRYPOINT');
    assert.deepEqual(JSON.parse(entrypoint), ['node', 'worker/main.mjs']);
    assert.deepEqual(inFinalStage('CMD'), []);
    assert.deepEqual(inFinalStage('STOPSIGNAL'), ['SIGTERM']);
  });

  it('runs as a user without a name and without rights, by its number', () => {
    const [user = ''] = inFinalStage('USER');
    assert.match(user, /^[1-9]\d{3,}:[1-9]\d{3,}$/);
  });

  it('asks at the port where it says that it answers whether it lives', () => {
    const [check = ''] = inFinalStage('HEALTHCHECK');
    assert.match(check, /CMD \["node", "-e", .*HEALTH_PORT.*\/health\/live/);
    assert.match(inFinalStage('ENV').join(' '), /HEALTH_PORT=8080/);
    assert.deepEqual(inFinalStage('EXPOSE'), ['8080']);
  });

  it('builds on images of fixed releases, on the version of Node that is tested here', () => {
    const images = ['NODE_IMAGE', 'CPU_BASE', 'CUDA_BASE'].map((name) => defaults.get(name) ?? '');
    for (const image of images) assert.match(image, /^[\w./-]+:(?!latest)[\w.-]+$/);
    assert.equal(images[0], `node:${root.devDependencies.node}-bookworm-slim`);
    const bases = textsOf('FROM').map((text) => text.split(' ', 1)[0] ?? '');
    const stages = new Set(textsOf('FROM').map((text) => text.split(' AS ')[1]));
    for (const base of bases) assert.ok(base.includes('${') || stages.has(base), base);
  });

  it('takes CUDA 12 and cuDNN 9 by exact versions, of the release of its base', () => {
    const packages = (defaults.get('CUDA_PACKAGES') ?? '').replaceAll('"', '').split(' ');
    assert.equal(packages.length, 5);
    for (const one of packages) assert.match(one, /^(?:cuda|lib)[\w-]+-12(?:-8)?=\d[\d.]+-1$/);
    assert.match(defaults.get('CUDA_BASE') ?? '', /:12\.8\./);
  });

  it('fetches the provider for the onnxruntime-node that is installed, which is the one that is asked for', async () => {
    const path = new URL('../node_modules/onnxruntime-node/package.json', import.meta.url);
    assert.equal(JSON.parse(await readFile(path, 'utf8')).version, ours.dependencies['onnxruntime-node']);
    assert.ok(textsOf('RUN').some((text) => text.includes('fetch-cuda-provider.ts')));
  });

  it('lets no variant through whose libraries are not all there, or that does not start', () => {
    const checked = instructions.findIndex(({ text }) => text === 'worker AS checked');
    const runs = instructions.slice(checked).filter(({ name }) => name === 'RUN');
    assert.match(runs[0]?.text ?? '', /check-libraries\.sh/);
    assert.match(runs[1]?.text ?? '', /first-start\.ts/);
    assert.match(inFinalStage('COPY').join(' '), /--from=checked/);
  });

  it('installs by the lockfile, and runs no code of packages while doing so', () => {
    const installs = textsOf('RUN').filter((text) => /\bnpm\b/.test(text));
    assert.ok(installs.length > 0);
    for (const text of installs) assert.match(text, /^npm ci --ignore-scripts/);
  });
});

describe('what is sent to a builder', () => {
  it('is only what is named', async () => {
    const rules = (await read('../.dockerignore')).split('\n').filter((line) => !/^#|^$/.test(line));
    assert.equal(rules[0], '*');
    const named = rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1));
    for (const path of named) {
      assert.ok(existsSync(new URL(`../${path}`, import.meta.url)), path);
      assert.doesNotMatch(path, /\.git|\.env|\.impasto|node_modules|\*/);
    }
    assert.ok(rules.indexOf('**/.env*') > rules.lastIndexOf(`!${named.at(-1)}`));
  });
});

const elsewhere =
  `${process.platform}-${process.arch}` === 'linux-x64' ? false : 'the image is for linux-x64 only';

describe('the bundle of the worker', { skip: elsewhere }, () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'impasto-image-'));
    await bundleWorker(folder);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('offers the models that lie beside it', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['worker/main.mjs', '--check'], {
      cwd: folder,
    });
    assert.deepEqual(JSON.parse(stdout), { models: ['impasto-v1@1.0.0'], executionProviders: ['cpu'] });
  });

  it('brings nothing for other systems, and nothing that only an installation needs', () => {
    const packages = join(folder, 'node_modules');
    for (const unwanted of ['adm-zip', 'global-agent', 'onnxruntime-node/bin/napi-v6/win32', 'sharp/src']) {
      assert.equal(existsSync(join(packages, unwanted)), false, unwanted);
    }
    assert.ok(existsSync(join(packages, 'onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1')));
  });

  it('works on a job, and ends when it is asked to', async () => {
    const tried = await tryOneJob({
      longerSide: 256,
      command: (settings) => ({
        file: process.execPath,
        args: [join(folder, 'worker/main.mjs')],
        env: { PATH: process.env.PATH, HOME: folder, ...settings },
      }),
    });
    assert.equal(tried.exitCode, 0);
    assert.equal(tried.executionProvider, 'cpu');
  });
});
