// A number on the command line.

/** @throws Error when it is none between `least` and `most`. */
export function numberFrom(name: string, text: string, least: number, most: number): number {
  const number = Number(text.trim() || Number.NaN);
  if (number >= least && number <= most) return number;
  throw new Error(`Expected a number from ${least} to ${most} for ${name}, received "${text}"`);
}
