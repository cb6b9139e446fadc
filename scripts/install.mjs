// Installs the dependencies when they are missing or older than the lockfile, so that every npm script of
// this project works on a fresh clone. Plain JavaScript: it runs on the system's Node, before ours is there.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

const root = new URL('..', import.meta.url);

function modifiedMs(path) {
  return statSync(new URL(path, root), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

if (modifiedMs('node_modules/.package-lock.json') < modifiedMs('package-lock.json')) {
  console.log('Installing dependencies (once, about a minute) ...');
  const npm = spawnSync('npm', ['ci', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    console.error(
      'Installing the dependencies failed: npm ci says why above. Fix that and run the command again.',
    );
    process.exit(1);
  }
}
