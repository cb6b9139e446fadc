// Reads a model folder and checks every file of it before anything is loaded.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { JobError } from '@impasto/shared';
import { type Manifest, manifestFile, parseManifest } from './manifest.ts';

const encoderFile = 'style-encoder.onnx';
const paintFile = 'transfer.onnx';

/**
 * The manifest of a folder whose files are all there and have the sha256 that it gives. A folder without a manifest
 * but with the two standard graphs gets the manifest that fits those.
 * Throws `JobError('model_unavailable')` that names the path and says what to do.
 */
export async function readModelFolder(folder: string): Promise<Manifest> {
  const names = await listFolder(folder);
  if (names.includes(manifestFile)) return readManifest(folder);
  if (names.includes(encoderFile) && names.includes(paintFile)) return standardManifest(folder);
  throw unavailable(
    `Expected ${manifestFile}, or ${encoderFile} and ${paintFile}, in the model folder ${folder}, ` +
      `received ${names.length === 0 ? 'an empty folder' : names.join(', ')}.`,
  );
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    const message = `Expected a readable model folder at ${folder}, received none: set MODEL_PATH to a folder with a model.`;
    throw unavailable(message, error);
  }
}

async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, manifestFile);
  const manifest = parseManifest(path, parseJson(path, await readFile(path, 'utf8')));
  for (const [name, expected] of Object.entries(manifest.files)) {
    const received = await sha256OfFile(join(folder, name));
    if (received !== expected) throw wrongHash(join(folder, name), expected, received);
  }
  return manifest;
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unavailable(`Expected JSON in the model manifest ${path}: ${(error as Error).message}.`, error);
  }
}

/**
 * The manifest of a two-part model with the tensor names, types and layout of the bundled one. Whether the graphs
 * really have those is checked when they are loaded, as for any model.
 */
async function standardManifest(folder: string): Promise<Manifest> {
  const files = {
    [encoderFile]: await sha256OfFile(join(folder, encoderFile)),
    [paintFile]: await sha256OfFile(join(folder, paintFile)),
  };
  return parseManifest(folder, {
    schema_version: 1,
    name: safeName(basename(resolve(folder))),
    version: 'unversioned',
    licence: 'unknown',
    description: 'A folder without a manifest.',
    kind: 'style-code',
    files,
    graphs: {
      encode: { file: encoderFile, style: { tensor: 'style' }, code: 'code' },
      paint: { file: paintFile, content: { tensor: 'content' }, code: 'code', image: { tensor: 'image' } },
    },
    knobs: { influence: 'influence' },
    content_size: { min_side: 16 },
    style_size: { min_side: 16, side: 512 },
  });
}

/** The folder's name in the letters that a model name may have. */
function safeName(folderName: string): string {
  const name = folderName.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, '-');
  return /^[a-z0-9]/.test(name) ? name : `model${name}`;
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    throw unavailable(
      `Expected the model file ${path}, received none that can be read: copy it there again.`,
      error,
    );
  }
  return hash.digest('hex');
}

function wrongHash(path: string, expected: string, received: string): JobError {
  return unavailable(
    `Expected sha256 ${expected} for the model file ${path}, received ${received}: ` +
      `copy the file again, or put the new sha256 into ${manifestFile} if the change is wanted.`,
  );
}

function unavailable(message: string, cause?: unknown): JobError {
  return new JobError('model_unavailable', message, { cause, retryable: false });
}
