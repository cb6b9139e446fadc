// What the figures were measured on.
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import sharp from 'sharp';

export interface MachineFacts {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryMiB: number;
  readonly platform: string;
  readonly node: string;
  readonly onnxruntime: string;
  readonly sharp: string;
  /** Of the last minute, before the bench put any load on the machine. */
  readonly loadAverage: number;
  /** Whether there was a core for everything that ran then; otherwise the figures are worth less. */
  readonly quiet: boolean;
}

export function machineFacts(): MachineFacts {
  const cores = availableParallelism();
  const [loadAverage = 0] = loadavg();
  return {
    cores,
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryMiB: Math.round(totalmem() / 1024 ** 2),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    onnxruntime: versionOf('onnxruntime-node'),
    sharp: sharp.versions.sharp ?? 'unknown',
    loadAverage: Math.round(loadAverage * 100) / 100,
    quiet: loadAverage <= cores,
  };
}

/** From its package file: loading the runtime itself would cost this process its memory. */
function versionOf(name: string): string {
  const { version } = createRequire(import.meta.url)(`${name}/package.json`) as { version: string };
  return version;
}
