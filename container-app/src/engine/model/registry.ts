// Which models this process offers, and the few of them that are loaded.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultModel, JobError } from '@impasto/shared';
import { bundledModelsFolder } from '../../places.ts';
import { makeLru } from './lru.ts';
import { loadModel, type Model } from './model.ts';
import { readModelFolder } from './model-folder.ts';
import type { SessionOptions } from './session.ts';

export type ModelSource = 'BUNDLED' | 'FILE';

export interface RegistryOptions extends SessionOptions {
  readonly source: ModelSource;
  /** `MODEL_PATH`: the model folder of `FILE`. */
  readonly path?: string | undefined;
  /** Each folder in it is a model. */
  readonly bundledFolder?: string;
  /** How many models stay loaded; the one not used for longest leaves first. */
  readonly maxLoaded?: number;
}

export interface ModelRegistry {
  /** Names of the models that may be asked for, the default first. */
  readonly names: readonly string[];
  /** The same as `name@version`. */
  readonly versionedNames: readonly string[];
  readonly defaultName: string;
  /**
   * Loads a model, or gives the loaded one. It is usable until `maxLoaded` others have been asked for after it.
   * Throws `JobError('unknown_model')` and `JobError('model_unavailable')`.
   */
  get(name?: string): Promise<Model>;
  /** Disposes every loaded model. */
  dispose(): Promise<void>;
}

/**
 * Checks the manifest and every file of all models; loads none.
 * Throws `JobError('model_unavailable')` that names the path and says what to do.
 */
export async function openRegistry(options: RegistryOptions): Promise<ModelRegistry> {
  const folders = await findModels(options);
  const [defaultName] = folders.keys();
  if (defaultName === undefined) throw noModels(options.bundledFolder ?? bundledModelsFolder);
  const loaded = makeLru<Promise<Model>>(options.maxLoaded ?? 2, (model) => void disposeWhenLoaded(model));

  async function get(name: string = defaultName ?? ''): Promise<Model> {
    const folder = folders.get(name)?.folder;
    if (folder === undefined) throw unknownModel(name, [...folders.keys()]);
    const known = loaded.get(name);
    if (known !== undefined) return known;
    const loading = loadModel(folder, options);
    loaded.set(name, loading);
    return loading.catch((error: unknown) => {
      loaded.delete(name);
      throw error;
    });
  }

  async function dispose(): Promise<void> {
    await Promise.all(loaded.values().map(disposeWhenLoaded));
  }

  const versionedNames = [...folders].map(([name, { version }]) => `${name}@${version}`);
  return { names: [...folders.keys()], versionedNames, defaultName, get, dispose };
}

interface FoundModel {
  readonly folder: string;
  readonly version: string;
}

/** Models by name, the default first. A model of `MODEL_PATH` hides a bundled one of the same name. */
async function findModels(options: RegistryOptions): Promise<Map<string, FoundModel>> {
  const folders = new Map<string, FoundModel>();
  if (options.source === 'FILE') {
    if (!options.path) {
      throw unavailable(
        'Expected MODEL_PATH to name a model folder for MODEL_SOURCE=FILE, received nothing.',
      );
    }
    const { name, version } = await readModelFolder(options.path);
    folders.set(name, { folder: options.path, version });
  }
  for (const [name, model] of await bundledModels(options.bundledFolder ?? bundledModelsFolder)) {
    if (!folders.has(name)) folders.set(name, model);
  }
  return folders;
}

async function bundledModels(parent: string): Promise<[name: string, model: FoundModel][]> {
  const entries = await readdir(parent, { withFileTypes: true }).catch((error: unknown) => {
    throw unavailable(`Expected the bundled models at ${parent}, received no folder: restore it.`, error);
  });
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(parent, entry.name));
  const models = await Promise.all(
    folders.map(async (folder): Promise<[string, FoundModel]> => {
      const { name, version } = await readModelFolder(folder);
      return [name, { folder, version }];
    }),
  );
  const rank = (name: string) => (name === defaultModel ? '' : name);
  return models.sort(([a], [b]) => (rank(a) < rank(b) ? -1 : 1));
}

async function disposeWhenLoaded(model: Promise<Model>): Promise<void> {
  // A model that never loaded has told its caller so, and holds nothing.
  const loaded = await model.catch(() => undefined);
  await loaded?.dispose();
}

function noModels(folder: string): JobError {
  return unavailable(`Expected at least one model folder in ${folder}, received none: restore it.`);
}

function unknownModel(name: string, names: readonly string[]): JobError {
  return new JobError('unknown_model', `Expected one of ${names.join(', ')} for model, received ${name}.`);
}

function unavailable(message: string, cause?: unknown): JobError {
  return new JobError('model_unavailable', message, { cause, retryable: false });
}
