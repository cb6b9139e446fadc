// Paths on the command line of an npm script.
import { resolve } from 'node:path';

/** npm changes to the project's folder; the path that was typed is the caller's. */
export function typedPath(path: string): string {
  return resolve(process.env.INIT_CWD ?? '.', path);
}
