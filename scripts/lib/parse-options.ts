// The options of a program on its command line.
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { messageOf } from '@impasto/shared';

/**
 * As `parseArgs` of Node, the values only.
 * @throws Error in one line: what was expected, what came, and what Node says is wrong with it.
 */
export function parseOptions<Config extends ParseArgsConfig & { args: string[] }>(
  config: Config,
): ReturnType<typeof parseArgs<Config>>['values'] {
  try {
    return parseArgs(config).values;
  } catch (error) {
    const problem = messageOf(error).replaceAll('\n', ' ');
    const received = config.args.map((arg) => JSON.stringify(arg)).join(' ');
    throw new Error(`Expected options as --help lists them, received ${received}: ${problem}`);
  }
}
