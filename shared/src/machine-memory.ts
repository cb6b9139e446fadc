// How much memory there is.
import { totalmem } from 'node:os';

/** Bytes that the container may use or, without one, that the machine has. */
export function machineMemoryBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
