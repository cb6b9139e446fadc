// What every DocumentStore must do, whoever implements it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { JobError } from '../errors.ts';
import type { DocumentStore } from '../ports.ts';

/** A document of these tests; a listing shows its `shown`. */
export interface Note {
  readonly text: string;
  readonly shown?: string | undefined;
}

const someNote: Note = { text: 'no „picture“ <&>' };

export function describeDocumentStore(name: string, getStore: () => DocumentStore<Note>): void {
  async function versionOf(document: string): Promise<string> {
    const { version } = (await getStore().get(document)) ?? assert.fail(`no document ${document}`);
    return version;
  }

  describe(`${name}: DocumentStore`, () => {
    it('gives back what was created, with an age that starts near zero', async () => {
      const own = randomUUID();
      assert.equal(await getStore().get(own), undefined);
      assert.equal(await getStore().create(own, someNote), true);
      const found = await getStore().get(own);
      assert.deepEqual(found?.value, someNote);
      assert.ok(found.ageSeconds >= 0 && found.ageSeconds < 60, `age ${found.ageSeconds}`);
    });

    it('creates a document once: of several creators exactly one succeeds, and its own stays', async () => {
      const own = randomUUID();
      const texts = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
      const created = await Promise.all(texts.map((text) => getStore().create(own, { text })));
      assert.equal(created.filter(Boolean).length, 1);
      assert.equal((await getStore().get(own))?.value.text, texts[created.indexOf(true)]);
    });

    it('replaces what has the version that it was told, and gives it another', async () => {
      const own = randomUUID();
      await getStore().create(own, someNote);
      const first = await versionOf(own);
      assert.equal(await getStore().replace(own, { text: 'second' }, first), true);
      assert.notEqual(await versionOf(own), first);
      assert.equal(await getStore().replace(own, { text: 'third' }, first), false);
      assert.equal((await getStore().get(own))?.value.text, 'second');
    });

    it('lets one of several win who replace the same version', async () => {
      const own = randomUUID();
      await getStore().create(own, someNote);
      const version = await versionOf(own);
      const replace = (text: string) => getStore().replace(own, { text }, version);
      const won = await Promise.all(['a', 'b', 'c', 'd'].map(replace));
      assert.equal(won.filter(Boolean).length, 1);
    });

    it('replaces nothing that is not there any more', async () => {
      const own = randomUUID();
      await getStore().create(own, someNote);
      const version = await versionOf(own);
      await getStore().delete(own);
      assert.equal(await getStore().replace(own, someNote, version), false);
      assert.equal(await getStore().get(own), undefined);
    });

    it('puts a document whatever was there', async () => {
      const own = randomUUID();
      await getStore().put(own, { text: 'first' });
      await getStore().put(own, { text: 'second' });
      assert.equal((await getStore().get(own))?.value.text, 'second');
    });

    it('deletes, where it is told to only this version', async () => {
      const own = randomUUID();
      await getStore().create(own, someNote);
      const version = await versionOf(own);
      await getStore().put(own, { text: 'later' });
      assert.equal(await getStore().delete(own, { version }), false);
      assert.equal((await getStore().get(own))?.value.text, 'later');
      assert.equal(await getStore().delete(own, { version: await versionOf(own) }), true);
      assert.equal(await getStore().delete(own, { version }), true);
      assert.equal(await getStore().delete(own), true);
      assert.equal(await getStore().get(own), undefined);
    });

    it('lists the documents of a prefix page by page, in the order of names, each once', async () => {
      const prefix = `${randomUUID()}/`;
      for (const last of ['d', 'a', 'e', 'c', 'b'])
        await getStore().create(`${prefix}${last}`, { text: last, ...(last === 'c' && { shown: 'soon' }) });
      const seen: string[] = [];
      const shown: (string | undefined)[] = [];
      let cursor: string | undefined;
      do {
        const page = await getStore().list({ prefix, limit: 2, cursor });
        assert.ok(page.documents.length <= 2);
        assert.ok(page.documents.every(({ ageSeconds }) => ageSeconds >= 0 && ageSeconds < 60));
        seen.push(...page.documents.map((one) => one.name.slice(prefix.length)));
        shown.push(...page.documents.map(({ label }) => label));
        cursor = page.cursor;
      } while (cursor !== undefined);
      assert.deepEqual(seen, ['a', 'b', 'c', 'd', 'e']);
      assert.deepEqual(shown, [undefined, undefined, 'soon', undefined, undefined]);
      await getStore().put(`${prefix}c`, { text: 'c' });
      const { documents } = await getStore().list({ prefix: `${prefix}c`, limit: 1 });
      assert.deepEqual([documents[0]?.name, documents[0]?.label], [`${prefix}c`, undefined]);
    });

    it('refuses a cursor that it did not give', async () => {
      for (const cursor of ['', 'abc', Buffer.from('{}').toString('base64url')]) {
        const forged = getStore().list({ limit: 2, cursor });
        await assert.rejects(forged, (error) => error instanceof JobError && error.code === 'invalid_cursor');
      }
    });

    it('does not start on an aborted signal', async () => {
      const signal = AbortSignal.abort();
      await assert.rejects(getStore().get(randomUUID(), { signal }), { name: 'AbortError' });
    });
  });
}
