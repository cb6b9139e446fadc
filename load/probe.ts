// Looks at a process of the service from within, which knows nothing of it: imported through NODE_OPTIONS. On SIGUSR2 it
// writes down how long its event loop was held up and how many HTTP requests it has sent, since it was last asked.
import { subscribe } from 'node:diagnostics_channel';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What the file `{pid}.json` in the folder holds. */
export interface ProbeReading {
  /** Delays beyond the pace of the clock that measures them. */
  readonly delayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Requests sent over node:http and node:https; in this service all of them go to the storage. */
  readonly requestsSent: number;
  readonly seconds: number;
}

/** Names the folder. Without it nothing is measured. */
export const folderVariable = 'IMPASTO_LOAD_PROBE_DIR';

const resolutionMs = 10;

const folder = process.env[folderVariable];
if (folder !== undefined) install(folder);

function install(folder: string): void {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  let requestsSent = 0;
  let sinceMs = performance.now();
  subscribe('http.client.request.start', () => {
    requestsSent += 1;
  });
  process.on('SIGUSR2', () => {
    const ms = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolutionMs);
    const delayMs = { p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max) };
    const seconds = (performance.now() - sinceMs) / 1000;
    const reading: ProbeReading = { delayMs, requestsSent, seconds };
    const file = join(folder, `${process.pid}.json`);
    writeFileSync(`${file}.new`, JSON.stringify(reading));
    renameSync(`${file}.new`, file);
    delay.reset();
    requestsSent = 0;
    sinceMs = performance.now();
  });
}
