// Runs an unpacked image as a platform would, with one job, and says how long what took: its worker as the first
// process of a namespace of its own, with the image's user, environment and nothing else, on a read-only file system.
//
//   node container-app/try-image.ts ROOT IMAGE      a folder with the image's files, and what `buildah inspect` says of it
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { z } from 'zod';
import { formatTable } from '../scripts/lib/table.ts';
import { type Command, tryOneJob } from './image/one-job.ts';

const [root = '', description = ''] = process.argv.slice(2);
const configSchema = z.object({
  User: z.string().regex(/^[1-9]\d*:[1-9]\d*$/),
  Env: z.array(z.string()),
  Entrypoint: z.array(z.string()).min(1),
  WorkingDir: z.string(),
  Healthcheck: z.object({ Test: z.array(z.string()).min(2) }),
});
const image = z
  .object({ Docker: z.object({ config: configSchema }) })
  .parse(JSON.parse(readFileSync(description, 'utf8'))).Docker.config;

/** Everything of the image is mounted again, read-only; only /tmp can be written to, as in a locked down container. */
const enter = `set -e
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
mount -t tmpfs tmpfs "$1/tmp"
mount -o remount,bind,ro "$1"
shift
exec "$@"`;

const longerSide = 1024;
const port = String(await freePort());
let health = 'not served by this worker';

const tried = await tryOneJob({
  longerSide,
  command: (settings) => inImage({ ...settings, HEALTH_PORT: port, MEMORY_LIMIT_MB: '4096' }),
  workerOf: onlyChildOf,
  meanwhile: () => {
    health = checkHealth() ?? health;
  },
});
assert.equal(tried.exitCode, 0, 'expected the worker to end with 0 after SIGTERM');
const seconds = (event: string) => `${((tried.msTo.get(event) ?? Number.NaN) / 1000).toFixed(2)} s`;
const rows = [
  ['engine ready', seconds('engine.ready')],
  ['worker ready', seconds('worker.ready')],
  ['first job completed', seconds('job.completed')],
  ['picture', `${tried.width} x ${tried.height}, ${tried.model} on ${tried.executionProvider}`],
  ['health check', health],
  ['exit code after SIGTERM', String(tried.exitCode)],
];
console.log(formatTable([`from the start, ${longerSide} px`, ''], rows));

function inImage(settings: Readonly<Record<string, string>>): Command {
  const namespaces = ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', enter, 'sh', root];
  return { file: 'unshare', args: [...namespaces, ...chroot(settings, image.Entrypoint)], env: process.env };
}

function chroot(settings: Readonly<Record<string, string>>, command: readonly string[]): string[] {
  const environment = [...image.Env, ...Object.entries(settings).map((setting) => setting.join('='))];
  const user = ['chroot', `--userspec=${image.User}`, '--groups=', root];
  return [...user, 'env', '-i', `--chdir=${image.WorkingDir}`, ...environment, ...command];
}

/** What the image's own health check says; undefined where the worker has no server yet that could be asked. */
function checkHealth(): string | undefined {
  if (!isListening(Number(port))) return undefined;
  const [file = '', ...args] = chroot({ HEALTH_PORT: port }, image.Healthcheck.Test.slice(1));
  execFileSync(file, args, { stdio: 'inherit' });
  return 'passes';
}

/** Whether any address of this machine takes connections at a port. */
function isListening(wanted: number): boolean {
  const suffix = `:${wanted.toString(16).toUpperCase().padStart(4, '0')}`;
  const sockets = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    readFileSync(file, 'utf8').split('\n'),
  );
  return sockets
    .map((line) => line.trim().split(/\s+/))
    .some(([, local, , state]) => local?.endsWith(suffix) && state === '0A');
}

function onlyChildOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
