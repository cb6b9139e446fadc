// What the worker makes of its settings.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseEnvironment } from '@impasto/shared';
import { engineSettings, environmentSchema } from './config.ts';

const MiB = 1024 * 1024;
const storage = { STORAGE_CONNECTION_STRING: 'UseDevelopmentStorage=true' };

function memoryLimitMiB(settings: Record<string, string>): number {
  return (
    engineSettings(parseEnvironment(environmentSchema, { ...storage, ...settings })).memoryLimitBytes / MiB
  );
}

describe('the memory limit of the engine', () => {
  it('leaves a part of the memory to the worker', () => {
    assert.equal(memoryLimitMiB({ MEMORY_LIMIT_MB: '1536' }), 1280);
  });

  it('is what it is set to', () => {
    assert.equal(memoryLimitMiB({ MEMORY_LIMIT_MB: '4096', ENGINE_MEMORY_LIMIT_MB: '2000' }), 2000);
  });

  it('leaves enough for an engine to start', () => {
    assert.throws(() => memoryLimitMiB({ ENGINE_MEMORY_LIMIT_MB: '511' }), /ENGINE_MEMORY_LIMIT_MB.*"511"/s);
  });
});
