// Asks the probe in a process for what it has measured.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '@impasto/shared/testing';
import { z } from 'zod';
import type { ProbeReading } from './probe.ts';

const schema = z.object({
  delayMs: z.object({ p50: z.number(), p99: z.number(), max: z.number() }),
  requestsSent: z.number(),
  seconds: z.number(),
});

/** A process that is busy answers when its event loop comes to it. */
const patienceMs = 60_000;

/**
 * What was measured since the last time, or since the process began.
 * @throws Error when the process does not answer.
 */
export async function readProbe(folder: string, pid: number): Promise<ProbeReading> {
  const file = join(folder, `${pid}.json`);
  await rm(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  const text = await until(
    `an answer of the probe in process ${pid}`,
    () => readFile(file, 'utf8').catch(() => undefined),
    patienceMs,
  );
  return schema.parse(JSON.parse(text));
}
