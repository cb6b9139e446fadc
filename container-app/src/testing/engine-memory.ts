// How much memory the engine process of this test has taken at most (Linux only).
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Bytes; 0 where the machine does not tell. */
export function enginePeakBytes(): number {
  if (process.platform !== 'linux') return 0;
  const list = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  const [line = ''] = list.split('\n').filter((one) => one.includes('engine-process'));
  const status = readFileSync(`/proc/${Number.parseInt(line, 10)}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}
