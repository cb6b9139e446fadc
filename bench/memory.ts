// Peak memory of the engine process, a fresh one for each size, as the kernel counted it.
import { readFile } from 'node:fs/promises';
import { silentLogger } from '@impasto/shared';
import { launchEngine } from '../container-app/src/engine/engine-child.ts';
import type { BenchOptions } from './options.ts';
import { contentAt, squareContentAt, styleImage } from './pictures.ts';
import { engineSettings, parametersFor } from './settings.ts';

export interface MemoryFigures {
  readonly width: number;
  readonly height: number;
  /** Pixels that the network painted at once; fewer than the picture has where the pixel budget says so. */
  readonly paintedPixels: number;
  /** Of the engine as it stood before its first picture. */
  readonly startedBytes: number;
  readonly peakBytes: number;
  /** The whole peak for each pixel painted: what a model's manifest calls `memory_bytes_per_pixel`. */
  readonly peakBytesPerPixel: number;
  /** What the picture added to the started engine, for each pixel painted. */
  readonly addedBytesPerPixel: number;
}

/** The second picture of a size is painted into a heap that has holes. */
const pictures = 2;
const largeSide = 4096;

/** Nothing where the kernel does not tell (it does on Linux). */
export async function measureMemory(
  { sizes, large }: BenchOptions,
  model: string,
  resources: AsyncDisposableStack,
  note: (line: string) => void,
): Promise<MemoryFigures[]> {
  if (process.platform !== 'linux') {
    note('peak memory is measured on Linux only');
    return [];
  }
  const contents = sizes.map((side) => ({ side, name: `${side} px`, make: contentAt }));
  if (large) contents.push({ side: largeSide, name: '4096 x 4096', make: squareContentAt });
  const figures: MemoryFigures[] = [];
  for (const { side, name, make } of contents) {
    note(`peak memory of the engine, ${name}`);
    figures.push(await measureOne(await make(side), parametersFor(side, model), resources));
  }
  return figures;
}

async function measureOne(
  content: Uint8Array,
  parameters: ReturnType<typeof parametersFor>,
  resources: AsyncDisposableStack,
): Promise<MemoryFigures> {
  const style = await styleImage();
  const options = { settings: engineSettings(), inferenceTimeoutSeconds: 600, log: silentLogger };
  const interrupted = new AbortController();
  resources.defer(() => interrupted.abort());
  const engine = await launchEngine(options, interrupted.signal);
  resources.defer(() => engine.kill());
  const startedBytes = await peakBytesOf(engine.pid);
  const paint = () => engine.paint({ content, style, parameters }, {});
  let painting = await paint();
  for (let count = 1; count < pictures; count += 1) painting = await paint();
  const peakBytes = await peakBytesOf(engine.pid);
  engine.kill();
  await engine.exited;
  const { width, height } = painting;
  const at = painting.paintedAt ?? { width, height };
  const paintedPixels = at.width * at.height;
  return {
    width,
    height,
    paintedPixels,
    startedBytes,
    peakBytes,
    peakBytesPerPixel: peakBytes / paintedPixels,
    addedBytesPerPixel: (peakBytes - startedBytes) / paintedPixels,
  };
}

/** VmHWM: the most that was ever resident. https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
async function peakBytesOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kibibytes === undefined) throw new Error(`Expected VmHWM in /proc/${pid}/status, found none`);
  return Number(kibibytes) * 1024;
}
