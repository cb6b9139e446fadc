// The environment of the engine process. It decodes strangers' files, so that it gets nothing that opens a door:
// only what finds libraries and caches, by name.

const passedOn =
  /^(?:PATH|HOME|TMPDIR|TEMP|SystemRoot|LANG|TZ|LD_LIBRARY_PATH|NODE_COMPILE_CACHE|(?:CUDA|NVIDIA|OMP)_.*)$/;

/**
 * How glibc's allocator treats tensors of a hundred megabytes and less: kept on the heap from run to run (mapping them
 * anew each time costs a third of a 1024 px run), while up to 512 MB of free heap stays with the process.
 */
const allocator = {
  MALLOC_MMAP_THRESHOLD_: String(128 * 1024 * 1024),
  MALLOC_TRIM_THRESHOLD_: String(512 * 1024 * 1024),
};

export function engineEnvironment(parent: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(parent).filter(([name]) => passedOn.test(name));
  return { ...allocator, ...Object.fromEntries(kept) };
}
