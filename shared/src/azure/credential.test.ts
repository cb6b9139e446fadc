// The credential over a real socket: a service for identities, as the platform runs one beside each app, gives the token.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { it } from 'node:test';
import { startFakeIdentity } from '../testing/fake-identity.ts';

const clientId = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';

/** Runs a script that uses the credential in a process of its own: the library keeps what it finds for ever. */
async function run(script: string, env: Record<string, string>): Promise<string> {
  const url = new URL('./credential.ts', import.meta.url).href;
  const program = `import { makeCredential } from ${JSON.stringify(url)};\n${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  assert.equal(code, 0);
  return output.trim();
}

it('a managed identity is asked for by its client id', async () => {
  const identity = await startFakeIdentity();
  const script = `
    const credential = makeCredential('${clientId}');
    console.log((await credential.getToken('https://storage.azure.com/.default')).token);`;
  const output = await run(script, identity.environment).finally(() => identity.stop());
  assert.equal(output, identity.token);
  const [asked, ...more] = identity.asked;
  assert.deepEqual(more, []);
  assert.equal(asked?.clientId, clientId);
  assert.match(asked?.resource ?? '', /^https:\/\/storage\.azure\.com\/?$/);
});

it('nothing of the library is loaded before a token is asked for', async () => {
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    const credential = makeCredential();
    const before = loaded.length;
    await credential.getToken([]).catch(() => {});
    console.log(before, loaded.some((url) => url.includes('@azure/identity')));`;
  assert.equal(await run(script, { AZURE_TOKEN_CREDENTIALS: 'EnvironmentCredential' }), '0 true');
});
