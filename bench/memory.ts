// Peak memory of the engine process, a fresh one for each size, as the kernel counted it.
import { readFile } from 'node:fs/promises';
import { engineEnvironment } from '../container-app/src/engine/engine-environment.ts';
import type { FromEngine, ToEngine } from '../container-app/src/engine/protocol.ts';
import type { BenchOptions } from './options.ts';
import { contentAt, squareContentAt, styleImage } from './pictures.ts';
import { type Partner, startPartner } from './processes.ts';
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
  const script = new URL('../container-app/src/engine/engine-process.ts', import.meta.url);
  const engine: Partner<ToEngine, FromEngine> = startPartner(
    script,
    engineEnvironment(process.env),
    resources,
  );
  await ask(engine, { type: 'start', settings: engineSettings() }, 'ready');
  const startedBytes = await peakBytesOf(engine.pid);
  const paint = () => ask(engine, { type: 'paint', request: { content, style, parameters } }, 'painted');
  let { painting } = await paint();
  for (let count = 1; count < pictures; count += 1) ({ painting } = await paint());
  const peakBytes = await peakBytesOf(engine.pid);
  await engine.stop();
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

type AnswerOf<Type extends FromEngine['type']> = Extract<FromEngine, { type: Type }>;

async function ask<Type extends FromEngine['type']>(
  engine: Partner<ToEngine, FromEngine>,
  question: ToEngine,
  type: Type,
): Promise<AnswerOf<Type>> {
  const answer = await engine.ask(question, (message) => message.type !== 'progress');
  const isExpected = (given: FromEngine): given is AnswerOf<Type> => given.type === type;
  if (isExpected(answer)) return answer;
  throw new Error(`Expected the engine to be ${type}, received ${JSON.stringify(answer)}`);
}

/** VmHWM: the most that was ever resident. https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
async function peakBytesOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kibibytes === undefined) throw new Error(`Expected VmHWM in /proc/${pid}/status, found none`);
  return Number(kibibytes) * 1024;
}
