// For `node --import`: puts the defect named by IMPASTO_DEFECT into its file while that is loaded. Files on disk stay as
// they are.
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type Defect, defects } from './defects.ts';

const { IMPASTO_DEFECT: name } = process.env;
if (name !== undefined) seed(name);

function seed(name: string): void {
  const defect = defects.find((one) => one.name === name);
  if (!defect) throw new Error(`Expected the name of a defect in IMPASTO_DEFECT, received ${name}`);
  const target = new URL(`../${defect.file}`, import.meta.url).href;
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (url !== target || !loaded.source) return loaded;
      const source =
        typeof loaded.source === 'string'
          ? loaded.source
          : Buffer.from(loaded.source as Uint8Array).toString();
      return { ...loaded, source: withDefect(source, defect, fileURLToPath(url)) };
    },
  });
}

/** @throws Error when the text does not stand there exactly once. */
export function withDefect(source: string, { name, find, replace }: Defect, path: string): string {
  const [before, after, ...more] = source.split(find);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(
      `Expected the text of defect ${name} once in ${path}, found it ${source.split(find).length - 1} times`,
    );
  return `${before}${replace}${after}`;
}
