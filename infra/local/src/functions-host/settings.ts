// Settings in what an app registers: `%NAME%` stands for a value of the environment.
import type { Environment } from '@impasto/shared';

/** A setting that is not there becomes nothing: what is left is refused by whoever knows what it is to be. */
export function resolveSettings(text: string, environment: Environment): string {
  return text.replace(/%([^%]+)%/g, (_all, name: string) => environment[name] ?? '');
}
