import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type ChildOptions, spawnChild } from './child.ts';

const scratch = mkdtempSync(join(tmpdir(), 'impasto-child-'));
after(() => rmSync(scratch, { recursive: true }));

function start(source: string, options: Partial<ChildOptions> = {}) {
  const file = join(scratch, 'child.mjs');
  writeFileSync(file, source);
  const script = pathToFileURL(file).href;
  return spawnChild({ script, env: {}, stopBy: 'signal', graceSeconds: 30, ...options });
}

test('a child that says something first is ready', async () => {
  const child = start(`process.send({ port: 7 }); process.on('disconnect', () => process.exit(0));`, {
    stopBy: 'disconnect',
  });
  assert.deepEqual(await child.ready, { port: 7 });
  await child.stop();
  assert.equal((await child.exited).code, 0);
});

test('a child that ends first is not, for the reason that it gives', async () => {
  const child = start(`console.error('expected a model, received none'); process.exitCode = 4;`);
  await assert.rejects(child.ready, { message: 'expected a model, received none' });
  assert.deepEqual(await child.exited, {
    code: 4,
    signal: null,
    lastWords: 'expected a model, received none',
  });
});

test('a child that ends first without a word is not, by its exit code', async () => {
  await assert.rejects(start('process.exitCode = 3;').ready, { message: 'exit code 3' });
});

test('all of its lines are read, whatever it writes them to', async () => {
  const lines: string[] = [];
  const child = start(
    `for (let i = 0; i < 2000; i += 1) console.log('line ' + i); console.error('end'); process.disconnect();`,
    { onLine: (line, stream) => lines.push(`${stream} ${line}`) },
  );
  assert.equal((await child.exited).code, 0);
  assert.equal(lines.filter((line) => line.startsWith('stdout line ')).length, 2000);
  assert.ok(lines.includes('stderr end'));
});

test('a child that does not stop in its time is killed', async () => {
  const child = start(`process.on('SIGTERM', () => {}); setInterval(() => {}, 1e6); process.send('up');`, {
    graceSeconds: 0.05,
  });
  await child.ready;
  await child.stop();
  assert.equal((await child.exited).signal, 'SIGKILL');
});
