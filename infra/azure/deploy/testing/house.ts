// A small copy of this repository in a temporary folder, and stubs of all tools on the PATH.
import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repositoryRoot = fileURLToPath(new URL('../../../../', import.meta.url));

const stub = join(repositoryRoot, 'infra/azure/deploy/testing/stub.sh');

const registeredProviders = [
  ...['App', 'Web', 'Storage', 'ContainerRegistry', 'KeyVault', 'ManagedIdentity', 'OperationalInsights'],
  ...['Insights', 'Consumption'],
].map((name) => `Microsoft.${name}`);

/** Writes down what it was given; its argument list must hold no key. */
const smokeTestSource = `
import { appendFileSync } from 'node:fs';
const { IMPASTO_URL, IMPASTO_KEY, STUB_STATE, STUB_SMOKE_FAILS } = process.env;
appendFileSync(STUB_STATE + '/calls', ['smoke-test', ...process.argv.slice(4), IMPASTO_URL, 'key=' + (IMPASTO_KEY?.length ?? 0)].join('\\x1f') + '\\n');
if (STUB_SMOKE_FAILS) { console.error('Expected the execution provider cuda, for job 1, received cpu'); process.exit(1); }
console.log('Job 1: 1234 bytes after 80 s, painted on cuda.');`;

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What this run called, each as its words. */
  readonly calls: readonly (readonly string[])[];
}

export interface House extends Disposable {
  readonly root: string;
  readonly state: string;
  /** Runs deploy-azure.sh to its end. */
  readonly run: (args: readonly string[], options?: RunOptions) => Promise<Run>;
  /** A file of the stub's memory, '' where there is none. */
  readonly remembers: (file: string) => string;
  /** All files of the stub's memory with their text. */
  readonly memory: () => Readonly<Record<string, string>>;
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** @param deployed whether a service is there already, which runs the image `old`; otherwise there is nothing. */
export function buildHouse({ deployed = false } = {}): House {
  const folder = mkdtempSync(join(tmpdir(), 'deploy-'));
  const [root, state, bin] = ['root', 'state', 'bin'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  cpSync(plan(), folder, { recursive: true, verbatimSymlinks: true });
  for (const [file, text] of Object.entries(deployed ? deployedState : {}))
    writeFileSync(join(state, file), text);
  return {
    root,
    state,
    remembers: (file) => readIfThere(join(state, file)),
    memory: () =>
      Object.fromEntries(readdirSync(state).map((file) => [file, readIfThere(join(state, file))])),
    run: (args, options) => runScript({ root, state, bin }, args, options),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const deployedState = {
  ...{ group: '', registry: '', vault: '', function: '', location: 'swedencentral' },
  ...{ secret: 'made before', images: 'old\n', 'worker-image': 'crtest.azurecr.io/impasto-worker:old' },
  'budget-start': '2026-03-01T00:00:00Z',
  record: '',
};

let planned: string | undefined;

/** The folder that all houses are copies of. */
function plan(): string {
  if (planned) return planned;
  const folder = mkdtempSync(join(tmpdir(), 'deploy-plan-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  planned = folder;
  layOutSources(join(folder, 'root'));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const tool of ['az', 'docker', 'azd', 'npm', 'node']) symlinkSync(stub, join(bin, tool));
  mkdirSync(join(folder, 'state'));
  writeFileSync(join(folder, 'state/providers'), `${registeredProviders.join('\n')}\n`);
  writeFileSync(join(folder, 'state/images'), '');
  return folder;
}

function layOutSources(root: string): void {
  for (const path of [
    'deploy-azure.sh',
    'infra/azure/deploy',
    'infra/azure/main.bicep',
    'scripts/install.mjs',
  ]) {
    const isNoTest = (source: string) => !/\.test\.ts$|\/testing$/.test(source);
    cpSync(join(repositoryRoot, path), join(root, path), { recursive: true, filter: isNoTest });
  }
  for (const folder of ['container-app', 'node_modules/.bin'])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, '.gitignore'), 'node_modules\ndist\n');
  writeFileSync(join(root, 'infra/azure/deploy/smoke-test.ts'), smokeTestSource);
  // The engine is not asked for its models; our own small programs run as they are.
  const node = `#!/bin/sh\ncase $1 in */main.ts) exec node "$@" ;; esac\nexec "${process.execPath}" "$@"\n`;
  writeFileSync(join(root, 'node_modules/.bin/node'), node, { mode: 0o755 });
  const git = (...args: string[]) => execFileSync('git', ['-C', root, ...args], { stdio: 'pipe' });
  git('init', '--quiet');
  git('add', '--all');
  git('-c', 'user.name=t', '-c', 'user.email=t@example.com', 'commit', '--quiet', '--message', 'start');
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function runScript(
  { root, state, bin }: { root: string; state: string; bin: string },
  args: readonly string[],
  { env = {}, input = '' }: RunOptions = {},
): Promise<Run> {
  rmSync(join(state, 'calls'), { force: true });
  rmSync(join(state, 'matched'), { force: true });
  // The tools of the system, and our stubs before them.
  const PATH = `${bin}:/usr/local/bin:/usr/bin:/bin`;
  const settings = { PATH, HOME: state, STUB_STATE: state, RETRY_PAUSES_SECONDS: '0 0 0', ...env };
  const child = spawn('bash', [join(root, 'deploy-azure.sh'), ...args], { cwd: state, env: settings });
  const [stdout, stderr] = [[] as Buffer[], [] as Buffer[]];
  child.stdout.on('data', (chunk) => stdout.push(chunk));
  child.stderr.on('data', (chunk) => stderr.push(chunk));
  child.stdin.end(input);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  const lines = readIfThere(join(state, 'calls')).split('\n').filter(Boolean);
  const calls = lines.map((line) => line.split('\x1f'));
  return {
    status,
    stdout: Buffer.concat(stdout).toString(),
    stderr: Buffer.concat(stderr).toString(),
    calls,
  };
}
