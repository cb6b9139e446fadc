// Turns the outputs of a deployment, the JSON file of the first argument, into lines of NAME, tab and value.
import { readFile } from 'node:fs/promises';

/** Azure may give the first letters of a name back in lower case (`azurE_LOCATION`), so names are put in capitals. */
function outputLines(answer: unknown): string[] {
  const outputs = property(property(answer, 'properties') ?? answer, 'outputs') ?? answer;
  return Object.entries(isObject(outputs) ? outputs : {}).flatMap(([name, output]) => {
    const value = property(output, 'value');
    return typeof value === 'string' ? [`${name.toUpperCase()}\t${value}`] : [];
  });
}

function property(value: unknown, name: string): unknown {
  return isObject(value) ? Reflect.get(value, name) : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const lines = outputLines(parse(await readFile(process.argv[2] ?? '', 'utf8')));
if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
else {
  process.stderr.write('Expected the outputs as JSON, for the deployment, received something else.\n');
  process.exitCode = 1;
}
