// One owner per folder. The lock is the operating system's, on a file that SQLite opens: it ends with the
// process that holds it, however that ends, so nobody ever has to clear a stale one.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface FolderLock {
  release(): void;
}

/**
 * Takes a folder for this process; the folder is made when missing.
 * @param waitMs blocks this long for an owner that is about to leave.
 * @returns undefined when another process has it.
 * @throws Error when the folder cannot be written to.
 */
export function lockFolder(folder: string, waitMs = 0): FolderLock | undefined {
  mkdirSync(folder, { recursive: true });
  const file = new DatabaseSync(join(folder, '.lock'), { timeout: waitMs });
  try {
    file.exec('BEGIN EXCLUSIVE');
    return { release: () => file.close() };
  } catch (error) {
    file.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}

// https://www.sqlite.org/rescode.html#busy
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 5;
}
