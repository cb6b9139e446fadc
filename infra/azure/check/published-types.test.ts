import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type BicepType, readTypesJson, TypeBaseKind, TypeReference } from '@azure/bicep-types';
import { publishedResource, typesFile } from './published-types.ts';

const folder = new URL('./types/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

function typesOf(file: string): BicepType[] {
  return readTypesJson(readFileSync(new URL(file, folder), 'utf8'));
}

function referencesIn(part: unknown): TypeReference[] {
  if (part instanceof TypeReference) return [part];
  return typeof part === 'object' && part !== null ? Object.values(part).flatMap(referencesIn) : [];
}

test('every file of types says where it is from', () => {
  const named =
    readFileSync(new URL('SOURCES.md', folder), 'utf8').match(/^\| (microsoft\.\S+\.json) /gm) ?? [];
  assert.deepEqual(
    named.map((row) => row.slice(2, -1)),
    files,
  );
});

test('every reference leads to a type, and every type is reached from a resource', () => {
  for (const file of files) {
    const types = typesOf(file);
    const reached = new Set<number>();
    const visit = (index: number): void => {
      assert.ok(types[index], `Expected a type, for ${file} #/${index}`);
      if (reached.has(index)) return;
      reached.add(index);
      for (const reference of referencesIn(types[index])) visit(reference.index);
    };
    for (const [index, { type }] of types.entries()) {
      if (type === TypeBaseKind.ResourceType) visit(index);
    }
    assert.equal(reached.size, types.length, file);
  }
});

test('every resource is found by its type and version, in any case', () => {
  for (const file of files) {
    for (const type of typesOf(file)) {
      if (type.type !== TypeBaseKind.ResourceType) continue;
      const [name = '', version = ''] = type.name.split('@');
      assert.equal(typesFile(name, version), file);
      assert.equal(publishedResource(name.toUpperCase(), version)?.writableScopes, type.writableScopes);
    }
  }
  assert.equal(publishedResource('Microsoft.App/containerApps', '2019-01-01'), undefined);
});
