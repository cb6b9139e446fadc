// Reads Bicep files into the model of template.ts, with the grammar of tree-sitter-bicep and without the Bicep compiler.
//
//   const template = await readBicep('infra/azure/main.bicep');
//   const app = template.resources.find(({ type }) => type === 'Microsoft.App/containerApps');
//   textOf(valueAt(app?.body, 'properties', 'configuration', 'activeRevisionsMode'));
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Language, Parser } from 'web-tree-sitter';
import { readTemplate } from './read-template.ts';
import type { Template } from './template.ts';

let parser: Promise<Parser> | undefined;

/** @param file names the text in findings, and is what the paths of its modules are relative to. */
export async function parseBicep(text: string, file: string): Promise<Template> {
  parser ??= loadParser();
  const tree = (await parser).parse(text);
  if (!tree) throw new Error(`Expected a syntax tree, for ${file}, received nothing.`);
  try {
    return readTemplate({ file, text }, tree.rootNode);
  } finally {
    tree.delete();
  }
}

async function loadParser(): Promise<Parser> {
  await Parser.init();
  const grammar = fileURLToPath(import.meta.resolve('tree-sitter-bicep/tree-sitter-bicep.wasm'));
  return new Parser().setLanguage(await Language.load(grammar));
}

async function readBicep(path: string): Promise<Template> {
  return parseBicep(await readFile(path, 'utf8'), path);
}

/** Every `*.bicep` file in a folder and below it, in the order of their paths. */
export async function readTemplates(folder: string): Promise<Template[]> {
  const names = await readdir(folder, { recursive: true });
  const paths = names.filter((name) => name.endsWith('.bicep')).sort();
  return Promise.all(paths.map((name) => readBicep(join(folder, name))));
}
