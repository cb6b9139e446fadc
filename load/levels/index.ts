// The levels by their names. L7 (hours under faults) is `npm run chaos`.
import type { Level } from '../level.ts';
import type { LevelName } from '../options.ts';
import { bigBodies } from './big-bodies.ts';
import { burst } from './burst.ts';
import { idle } from './idle.ts';
import { overload } from './overload.ts';
import { pollStorm } from './poll-storm.ts';
import { smoke } from './smoke.ts';
import { steady } from './steady.ts';
import { webhooks } from './webhooks.ts';

export const levels: Readonly<Record<LevelName, Level>> = {
  L1: smoke,
  L2: steady,
  L3: burst,
  L4: bigBodies,
  L5: pollStorm,
  L6: overload,
  L8: webhooks,
  L9: idle,
};
