// A house for a random walk: every painting ends as the walk says, at once.
import type { FaultyPorts } from '../shared/src/testing/fault-points.ts';
import type { World } from './commands.ts';
import { openHouse } from './house.ts';
import type { Script } from './scripted-engine.ts';
import type { Time } from './time.ts';

interface WorldOptions {
  readonly ports: FaultyPorts;
  readonly time: Time;
  readonly leaseSeconds: number;
  readonly exact: boolean;
}

/** Lease times until a job expires that nobody begins: long enough not to happen by accident, short enough to happen. */
const expiryLeases = 60;

export function openWorld({ ports, time, leaseSeconds, exact }: WorldOptions): World {
  const script: { next: Script } = { next: { seconds: 0, errors: [] } };
  const silentSeconds = 3 * leaseSeconds;
  const expirySeconds = expiryLeases * leaseSeconds;
  const house = openHouse({
    ports,
    leaseSeconds,
    pollSeconds: leaseSeconds / 6,
    sweep: {
      silentSeconds,
      orphanSeconds: 4 * leaseSeconds,
      retentionHours: 1e6,
      failedRetentionHours: 1e6,
      tombstoneHours: 1e6,
    },
    expiryHours: expirySeconds / 3600,
    scriptOf: () => script.next,
  });
  const now = () => Date.now() / 1000;
  const settings = { leaseSeconds, silentSeconds, expirySeconds, exact, now };
  return { house, time, ...settings, script, jobs: new Map(), sleepers: [] };
}
