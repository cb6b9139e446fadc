// How many pixels a network may paint at once in the memory that there is.

/** The process, and libvips at the limits of the API: an interlaced 16-bit PNG of 50 megapixels, measured. */
const reservedBytes = 944 * 1024 * 1024;
/** Share of the rest that a run may fill: allocators keep more than they hand out. */
const usableShare = 0.8;
/** 4096 x 4096: no result is larger. */
const mostPixels = 4096 * 4096;
const fewestPixels = 256 * 256;

/**
 * @param memoryBytes what the engine process may take.
 * @param bytesPerPixel measured peak of the model's run, divided by the pixels it painted (from its manifest).
 * @returns pixels, between 256 x 256 and 4096 x 4096.
 */
export function pixelBudget(memoryBytes: number, bytesPerPixel: number): number {
  const pixels = Math.floor(((memoryBytes - reservedBytes) * usableShare) / bytesPerPixel);
  return Math.min(mostPixels, Math.max(fewestPixels, pixels));
}
