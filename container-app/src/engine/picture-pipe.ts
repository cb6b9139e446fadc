// The pipe that carries encoded pictures between worker and engine process. A message would be copied as a whole, in
// one go, at both ends; here no turn of the loop takes more than the system's buffer.
import type { Readable } from 'node:stream';

/** Its file descriptor in the engine process, after the standard three and the channel of the messages. */
export const picturePipeFd = 4;

/**
 * The next `length` bytes, which must be all that is on its way. Never settles when the pipe ends before them: of that
 * tells the end of the process at its other side.
 */
export function receiveBytes(pipe: Readable, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  return new Promise((resolve) => {
    const take = (chunk: Buffer) => {
      filled += chunk.copy(bytes, filled);
      if (filled === length) finish();
    };
    const finish = () => {
      pipe.off('data', take).pause();
      resolve(bytes);
    };
    if (length === 0) finish();
    else pipe.on('data', take).resume();
  });
}
