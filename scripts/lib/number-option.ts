// Numbers on the command line.

/** @throws Error when it is none between `least` and `most`. */
export function numberFrom(name: string, text: string, least: number, most: number): number {
  const number = Number(text.trim() || Number.NaN);
  if (number >= least && number <= most) return number;
  throw new Error(`Expected a number from ${least} to ${most} for ${name}, received "${text}"`);
}

/** @throws Error when it is none between `least` and `most`, or not a whole one. */
export function wholeNumberFrom(name: string, text: string, least: number, most: number): number {
  const number = numberFrom(name, text, least, most);
  if (Number.isInteger(number)) return number;
  throw new Error(`Expected a whole number for ${name}, received "${text}"`);
}
