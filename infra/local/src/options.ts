// What may follow `npm start --`.
import { parseArgs } from 'node:util';
import { messageOf } from '@impasto/shared';

export interface StartOptions {
  readonly telemetry: boolean;
  readonly help: boolean;
}

export const helpText = `npm start [-- options]

Runs the whole service on this machine: storage, Function app, and workers while there is work.

  --telemetry  write traces and offer metrics, and say where to look
  --help       this text

Ports, folders and the like are set in the environment: PORT, IMPASTO_DATA_DIR, MAX_REPLICAS, and those of the apps.`;

/** @throws Error for what is none of them. */
export function readOptions(args: readonly string[]): StartOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        telemetry: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return values;
  } catch (error) {
    const received = args.map((arg) => JSON.stringify(arg)).join(' ');
    throw new Error(`Expected --telemetry or --help, for npm start, received ${received}`, {
      cause: messageOf(error),
    });
  }
}
