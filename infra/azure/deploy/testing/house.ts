// A small copy of this repository in a temporary folder, and stubs of all tools on the PATH.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repositoryRoot = fileURLToPath(new URL('../../../../', import.meta.url));

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
  /** What was called since the house was built or `forget` was called; each as its words. */
  readonly calls: readonly (readonly string[])[];
}

export interface House {
  readonly root: string;
  readonly state: string;
  /** Runs deploy-azure.sh to its end. */
  readonly run: (args: readonly string[], options?: RunOptions) => Promise<Run>;
  /** A file of the stub's memory, '' where there is none. */
  readonly remembers: (file: string) => string;
  readonly remove: () => void;
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

export function buildHouse(): House {
  const folder = mkdtempSync(join(tmpdir(), 'deploy-'));
  const [root, state, bin] = ['root', 'state', 'bin'].map((name) => join(folder, name)) as [string, string, string];
  for (const path of [root, state, bin]) mkdirSync(path);
  for (const path of ['deploy-azure.sh', 'infra/azure/deploy', 'scripts/install.mjs']) {
    const test = (source: string) => !/\.test\.ts$|\/testing$/.test(source);
    cpSync(join(repositoryRoot, path), join(root, path), { recursive: true, filter: test });
  }
  for (const folder of ['container-app', 'node_modules/.bin']) mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'infra/azure/deploy/smoke-test.ts'), smokeTestSource);
  writeFileSync(join(root, '.gitignore'), 'node_modules\ndist\n');
  commitAll(root);
  const stub = join(repositoryRoot, 'infra/azure/deploy/testing/stub.sh');
  for (const tool of ['az', 'docker', 'azd', 'npm', 'node']) symlinkSync(stub, join(bin, tool));
  // The engine is not asked for its models; our own small programs run as they are.
  const node = `#!/bin/sh\ncase $1 in */main.ts) exec "${bin}/node" "$@" ;; esac\nexec "${process.execPath}" "$@"\n`;
  writeFileSync(join(root, 'node_modules/.bin/node'), node, { mode: 0o755 });
  writeFileSync(join(state, 'providers'), `${registeredProviders.join('\n')}\n`);
  writeFileSync(join(state, 'images'), '');
  const remembers = (file: string) => readIfThere(join(state, file));
  return {
    root,
    state,
    remembers,
    run: (args, options) => runScript({ root, state, bin }, args, options),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function commitAll(root: string): void {
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
  return { status, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString(), calls };
}
