// Names on the wire whose list may grow.
import { z } from 'zod';

/**
 * One of these names today, and any other name tomorrow: the description of the API lists them, and an old client still
 * reads what a newer server writes. What the server writes is held to the list by the types that it is made from.
 */
export function extensible<const Names extends readonly [string, ...string[]]>(names: Names) {
  return z.union([z.enum(names), z.string()]);
}
