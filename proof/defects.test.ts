import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { describe, it } from 'node:test';
import { defects } from './defects.ts';
import { withDefect } from './seed-defect.ts';

describe('the seeded defects', () => {
  it('have names of their own', () => {
    assert.equal(new Set(defects.map(({ name }) => name)).size, defects.length);
  });

  for (const defect of defects)
    it(`${defect.name}: its text stands once in ${defect.file}, and leaves a program behind`, async () => {
      const path = new URL(`../${defect.file}`, import.meta.url);
      const source = withDefect(await readFile(path, 'utf8'), defect, defect.file);
      assert.doesNotThrow(() => stripTypeScriptTypes(source));
    });
});
