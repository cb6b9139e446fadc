// The options of the command line: names, texts, strict numbers, and the only place that reads the environment.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { limits, type OutputFormat, outputFormats } from '../submission.ts';
import { defaultBaseUrl } from './client-options.ts';

export interface GlobalOptions {
  readonly url: string;
  readonly key?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly retry: number;
}

export interface StyleOptions {
  readonly influence?: number;
  readonly creativity?: number;
  readonly prompt?: string;
  readonly format?: OutputFormat;
  readonly quality?: number;
  readonly maxSide?: number;
  readonly model?: string;
  readonly seed?: number;
}

export interface TimeoutOptions {
  readonly timeout: number;
}

/** A decimal number and nothing else: "0.7abc", "" and "0x1" are refused. Ranges are the library's business. */
function decimal(text: string): number {
  if (/^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`Expected a number, received "${text}".`);
}

export function whole(text: string): number {
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`Expected a whole number, received "${text}".`);
}

export function seconds(text: string): number {
  const value = decimal(text);
  if (value >= 0) return value;
  throw new InvalidArgumentError(`Expected 0 or more seconds, received "${text}".`);
}

export function addGlobalOptions(program: Command): Command {
  // An empty variable counts as unset.
  const urlOrDefault = (text: string) => text || defaultBaseUrl;
  return program
    .addOption(
      new Option('--url <address>', 'address of the service')
        .env('IMPASTO_URL')
        .default(defaultBaseUrl)
        .argParser(urlOrDefault),
    )
    .addOption(
      new Option('--key <key>', 'function key; better in the variable, where others cannot read it').env(
        'IMPASTO_KEY',
      ),
    )
    .option('--json', 'print one JSON document on stdout and nothing else')
    .option('-q, --quiet', 'print results and errors only')
    .option('--retry <seconds>', 'how long to keep trying when the service does not answer', seconds, 30);
}

export function addStyleOptions(command: Command): Command {
  const { minResultSidePixels, maxResultSidePixels, maxPromptCharacters } = limits;
  return command
    .option('-i, --influence <0..1>', "how much of the style replaces the photograph's own look", decimal)
    .option('-c, --creativity <0..1>', 'how far the picture may leave the photograph', decimal)
    .option('-p, --prompt <words>', `such as "vibrant colors", at most ${maxPromptCharacters} characters`)
    .addOption(new Option('-f, --format <name>', 'format of the result').choices(outputFormats))
    .option('--quality <1..100>', 'quality of a jpeg or webp result', whole)
    .option(
      '--max-side <pixels>',
      `longer side of the result, ${minResultSidePixels} to ${maxResultSidePixels}`,
      whole,
    )
    .option('--model <name>', 'model that paints')
    .option('--seed <number>', 'for models that draw random numbers', whole);
}

export function addTimeoutOption(command: Command): Command {
  return command.option(
    '-t, --timeout <seconds>',
    'how long to wait; the job goes on after it',
    seconds,
    3600,
  );
}

export function addCheckOptions(command: Command): Command {
  const explained = 'a job that is open for this long is stuck; more where jobs have to queue';
  return command.option('--max-open-seconds <seconds>', explained, seconds, 300);
}
