// Asking a person before something is gone.
import { createInterface } from 'node:readline';
import { StyleTransferError } from './error.ts';

interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
  readonly signal: AbortSignal;
}

/** @throws StyleTransferError `aborted` for any answer but yes, `invalid_argument` where there is nobody to ask. */
export async function confirm(question: string, { input, output, signal }: Terminal): Promise<void> {
  if (!input.isTTY) {
    const message = 'Expected --yes, since there is no terminal on which to ask whether to go on.';
    throw new StyleTransferError('invalid_argument', message);
  }
  output.write(`${question} [y/N] `);
  if (!(await saysYes({ input, signal }))) throw new StyleTransferError('aborted', 'Nothing was removed.');
}

/** Where a person who started the command answers. */
export function terminal(signal: AbortSignal): Terminal {
  return { input: process.stdin, output: process.stderr, signal };
}

/** The end of the input and Ctrl-C are no. */
async function saysYes({ input, signal }: Omit<Terminal, 'output'>): Promise<boolean> {
  for await (const line of createInterface({ input, signal, terminal: false })) {
    return /^y(es)?$/i.test(line.trim());
  }
  return false;
}
