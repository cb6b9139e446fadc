// A ZIP file on its way into a file (Node only), which must not end before its end.
import { StyleTransferError } from './error.ts';
import { checkOutputPath, writeFileAtomically } from './image-files.ts';

/** What every ZIP file ends with, but for a comment. */
const endOfDirectory = Buffer.from([0x50, 0x4b, 0x05, 0x06]);
const endBytes = 4096;

/**
 * Opens the file first, so that no connection waits for one that cannot be written. Resolves with the size in bytes.
 * @throws StyleTransferError `local_file`, what `open` throws, or `unexpected_answer` where the ZIP file is cut off.
 */
export async function saveZip(
  outputPath: string,
  open: () => Promise<AsyncIterable<Uint8Array>>,
): Promise<number> {
  await checkOutputPath(outputPath);
  let bytes = 0;
  const checked = async function* () {
    let end = Buffer.alloc(0);
    for await (const piece of await open()) {
      bytes += piece.length;
      end = Buffer.concat([end, piece.subarray(-endBytes)]).subarray(-endBytes);
      yield piece;
    }
    if (end.includes(endOfDirectory)) return;
    const message = `Expected a whole ZIP file, received one that ends after ${bytes} bytes.`;
    throw new StyleTransferError('unexpected_answer', message, { retryable: true });
  };
  await writeFileAtomically(outputPath, checked());
  return bytes;
}
