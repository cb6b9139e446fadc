// The caller's own files (Node only): images read with clear refusals, results written in one step.
import { randomUUID } from 'node:crypto';
import { access, constants, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { messageOf } from '../errors.ts';
import { fileExtensions, type OutputFormat, outputFormats } from '../submission.ts';
import { StyleTransferError } from './error.ts';
import { checkImageSize } from './job-request.ts';

const formatByExtension = new Map<string, OutputFormat>([
  ...outputFormats.map((format) => [`.${fileExtensions[format]}`, format] as const),
  ['.jpeg', 'jpeg'],
]);

function localFile(message: string, cause?: unknown): StyleTransferError {
  return new StyleTransferError('local_file', message, { cause });
}

function codeOf(thrown: unknown): unknown {
  return thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
}

/** Reads an image file of an acceptable size. `name` is the parameter that messages name. */
export async function readImageFile(path: string, name: string): Promise<Uint8Array> {
  try {
    const facts = await stat(path);
    if (!facts.isFile()) throw localFile(`Expected a file for ${name}, received "${path}", which is none.`);
    checkImageSize(facts.size, `${name} "${path}"`);
    return await readFile(path);
  } catch (thrown) {
    if (thrown instanceof StyleTransferError) throw thrown;
    const reason = codeOf(thrown) === 'ENOENT' ? 'which does not exist' : `unreadable (${messageOf(thrown)})`;
    throw localFile(`Expected an image file for ${name}, received "${path}", ${reason}.`, thrown);
  }
}

/** The format that a result file's name stands for; undefined where it has no extension. */
export function formatOfFile(path: string): OutputFormat | undefined {
  const extension = extname(path).toLowerCase();
  if (extension === '') return undefined;
  const format = formatByExtension.get(extension);
  if (format) return format;
  const known = [...formatByExtension.keys()].join(', ');
  const message = `Expected a name that ends in ${known} for outputPath, received "${path}".`;
  throw new StyleTransferError('invalid_argument', message);
}

/** The format to ask for: as given, else by the name of the result file; the two must not contradict. */
export function chooseFormat(path: string, given: OutputFormat | undefined): OutputFormat | undefined {
  const named = formatOfFile(path);
  if (given === undefined || named === undefined || given === named) return given ?? named;
  const message = `Expected an outputPath that ends in .${fileExtensions[given]} for outputFormat ${given}, received "${path}".`;
  throw new StyleTransferError('invalid_argument', message);
}

/** Throws unless a result can be written there: an existing folder that is writable, and no input of the job. */
export async function checkOutputPath(path: string, inputs: readonly string[] = []): Promise<void> {
  const folder = dirname(resolve(path));
  await access(folder, constants.W_OK).catch((thrown) => {
    const reason = codeOf(thrown) === 'ENOENT' ? 'does not exist' : 'is not writable';
    throw localFile(
      `Expected a writable folder for outputPath "${path}", but "${folder}" ${reason}.`,
      thrown,
    );
  });
  const existing = await stat(path).catch(() => undefined);
  if (!existing) return;
  if (!existing.isFile())
    throw localFile(`Expected a file for outputPath, received "${path}", which is none.`);
  const target = await realpath(path);
  const sources = await Promise.all(inputs.map((input) => realpath(input)));
  if (sources.includes(target)) {
    throw localFile(`Expected an outputPath other than the input images, received "${path}".`);
  }
}

/**
 * Writes a file under a temporary name in its own folder and renames it, so that nobody ever sees half of it
 * and nothing is left behind when it fails.
 */
export async function writeFileAtomically(
  path: string,
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.part`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (thrown) {
    // What went wrong first is what is told.
    await rm(temporary, { force: true }).catch(() => {});
    if (thrown instanceof StyleTransferError) throw thrown;
    throw localFile(`Cannot write the result to "${path}": ${messageOf(thrown)}.`, thrown);
  }
}
