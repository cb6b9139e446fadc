// A folder as a ZIP file that depends on nothing but what is in the folder.
import { createWriteStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { makeZip } from 'client-zip';

/** The first day that a ZIP file can hold, at the same hour in every time zone: dates in it know none. */
const always = new Date(1980, 0, 1);

/** @param folder of files alone, which lie at the top of the archive: the platform looks for host.json there. */
export async function writeZip(folder: string, file: string): Promise<void> {
  const names = (await readdir(folder)).sort();
  const entries = names.map(async (name) => ({
    name,
    input: await readFile(join(folder, name)),
    lastModified: always,
  }));
  await pipeline(Readable.fromWeb(makeZip(await Promise.all(entries))), createWriteStream(file));
}
