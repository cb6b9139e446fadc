// Telemetry of the local stack: the file that all its processes write their spans to, and where its metrics are.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** `impasto trace` looks for it there. */
export function spanFileIn(dataDir: string): string {
  return join(dataDir, 'telemetry', 'spans.jsonl');
}

/** Empties it, as the logs are, so that it does not grow for ever. */
export function openSpanFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '', { mode: 0o600 });
}

/** The port in a worker's line that says where it can be asked; undefined for any other line. */
export function healthPortIn(line: string): number | undefined {
  if (!line.includes('"health.listening"')) return undefined;
  try {
    const { event, port } = JSON.parse(line);
    return event === 'health.listening' && typeof port === 'number' ? port : undefined;
  } catch {
    return undefined;
  }
}

/** What people are told once the service is ready. */
export function whereToLook(port: number, spanFile: string): string[] {
  return [
    `Metrics: http://localhost:${port}/api/metrics, and those of each worker at an address that is printed when it starts.`,
    `Traces: ${spanFile}; one job of them: npx impasto trace JOB_ID`,
  ];
}
