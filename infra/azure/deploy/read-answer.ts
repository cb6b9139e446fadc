// Turns a JSON answer into plain lines for the deploy script: `outputs FILE` gives NAME<tab>value for each output of a
// deployment, `models FILE` the models of `main.ts --check` with commas between.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const outputsSchema = z.record(z.string(), z.object({ value: z.unknown() }));
const answerSchema = z.union([
  z.object({ properties: z.object({ outputs: outputsSchema }) }).transform(({ properties }) => properties.outputs),
  outputsSchema,
]);
const modelsSchema = z.object({ models: z.array(z.string().min(1)).min(1) });

/** Azure may give the first letters of a name back in lower case (`azurE_LOCATION`), so names are put in capitals. */
function outputLines(text: string): string[] {
  return Object.entries(answerSchema.parse(JSON.parse(text)))
    .filter(([, { value }]) => typeof value === 'string')
    .map(([name, { value }]) => `${name.toUpperCase()}\t${value}`);
}

const [verb, file = ''] = process.argv.slice(2);
try {
  const text = await readFile(file, 'utf8');
  const lines = verb === 'models' ? [modelsSchema.parse(JSON.parse(text)).models.join(',')] : outputLines(text);
  process.stdout.write(`${lines.join('\n')}\n`);
} catch {
  const expected = verb === 'models' ? 'models as the worker prints them' : 'the outputs of a deployment';
  process.stderr.write(`Expected JSON with ${expected}, for going on, received something else.\n`);
  process.exitCode = 1;
}
