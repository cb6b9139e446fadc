// The probe, in a process that knows nothing of it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { folderVariable } from './probe.ts';
import { readProbe } from './read-probe.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impasto-probe-'));
});
after(() => rm(folder, { recursive: true }));

describe('the probe', () => {
  it('tells of a blocked event loop and of requests sent, each time since the last', async () => {
    const server = createServer((_request, response) => response.end('well')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const program = `
      const ask = () => new Promise((done) => require('node:http').get('http://127.0.0.1:${port}', (answer) => answer.resume().on('end', done)));
      setTimeout(async () => {
        await ask();
        await ask();
        const end = Date.now() + 300;
        while (Date.now() < end);
        setTimeout(() => console.log('ready'), 50);
      }, 50);
      setInterval(() => {}, 1000);`;
    const probe = new URL('./probe.ts', import.meta.url).href;
    const child = spawn(process.execPath, [`--import=${probe}`, '--eval', program], {
      env: { ...process.env, [folderVariable]: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(child.stdout, 'data');
      const first = await readProbe(folder, child.pid ?? 0);
      assert.ok(first.delayMs.max > 200, `${first.delayMs.max} ms`);
      assert.equal(first.requestsSent, 2);
      const second = await readProbe(folder, child.pid ?? 0);
      assert.equal(second.requestsSent, 0);
      assert.ok(second.seconds < first.seconds + 60);
    } finally {
      child.kill('SIGKILL');
      server.close();
    }
  });
});
