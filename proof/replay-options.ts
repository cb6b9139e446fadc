// How to walk a random walk again that failed: fast-check prints a seed and a path, and takes them from here.

/** `PROOF_SEED`, a whole number, and `PROOF_PATH`, such as `12:3:0`; neither is needed. */
export function replayOptions(environment: NodeJS.ProcessEnv): { seed?: number; path?: string } {
  const { PROOF_SEED: seed, PROOF_PATH: path } = environment;
  if (seed !== undefined && !Number.isInteger(Number(seed)))
    throw new Error(`Expected a whole number as PROOF_SEED, received ${seed}`);
  return { ...(seed !== undefined && { seed: Number(seed) }), ...(path !== undefined && { path }) };
}
