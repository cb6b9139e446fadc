// The environment of the engine process. It decodes strangers' files, so that it gets nothing that opens a door:
// only what finds libraries and caches, by name.

const passedOn =
  /^(?:PATH|HOME|TMPDIR|TEMP|SystemRoot|LANG|TZ|LD_LIBRARY_PATH|NODE_COMPILE_CACHE|(?:CUDA|NVIDIA|OMP)_.*)$/;

const MiB = 1024 * 1024;
/** Below it (measured at 1280 MiB) what the heap keeps would push the next large picture over the limit. */
const ampleBytes = 1700 * MiB;

/**
 * How glibc's allocator treats tensors of a hundred megabytes and less: kept on the heap from run to run (mapping them
 * anew each time costs a third of a 1024 px run), while up to 512 MB of free heap stays with the process. Where memory
 * is scarce they are given back at once.
 */
function allocator(memoryLimitBytes: number): NodeJS.ProcessEnv {
  const [mapped, kept] = memoryLimitBytes < ampleBytes ? [16, 32] : [128, 512];
  return { MALLOC_MMAP_THRESHOLD_: String(mapped * MiB), MALLOC_TRIM_THRESHOLD_: String(kept * MiB) };
}

/** @param memoryLimitBytes what the process may take; ample when left out. */
export function engineEnvironment(
  parent: NodeJS.ProcessEnv,
  memoryLimitBytes = Number.POSITIVE_INFINITY,
): NodeJS.ProcessEnv {
  const kept = Object.entries(parent).filter(([name]) => passedOn.test(name));
  return { ...allocator(memoryLimitBytes), ...Object.fromEntries(kept) };
}
