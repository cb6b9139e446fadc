// The source of the service itself, without its tests, for checks of habits that no run would show.
import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const folders = '{shared,azure-function,container-app,infra/local}/src/**/*.ts';

export async function sourceFiles(): Promise<{ name: string; text: string }[]> {
  const names = await Array.fromAsync(glob(folders, { cwd: root, exclude: isTest }));
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(`${root}${name}`, 'utf8') })));
}

function isTest(name: string): boolean {
  return /\.test\.ts$|[\\/](?:testing|corpus)(?:[\\/]|$)/.test(name);
}
