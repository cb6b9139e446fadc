// Where the worker's parts lie beside its code, in the source and in the image's bundle alike: there all code is in one
// folder, as deep under the worker's own as this file is, and what was a file in the source is a program of its name.
import { extname, resolve } from 'node:path';

/** Folder of the models that come with the project. */
export const bundledModelsFolder = resolve(import.meta.dirname, '../models');

/**
 * A program of ours in the folder of the module that asks for it: a TypeScript file for a source, a bundle for a bundle.
 * @param name without its ending.
 * @param from the asking module's `import.meta.url`.
 */
export function programBeside(name: string, from: string): URL {
  return new URL(`./${name}${extname(from)}`, from);
}
