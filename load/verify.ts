// After the load: everything comes to rest, and what is there is held against what was promised. No faults were made, so
// that nothing may have needed a repair either.
import { checkInvariants, findSecrets } from '@impasto/shared/check';
import sharp from 'sharp';
import type { Findings } from './level.ts';
import { promise } from './measure.ts';
import { drained, type Rig } from './rig.ts';

/** Time for the workers to do all that was accepted. */
const restSeconds = 300;
const mostRemarks = 20;

export async function verify(rig: Rig): Promise<Pick<Findings, 'measures' | 'remarks'>> {
  await drained(rig, restSeconds);
  const { storage, history, signal } = rig;
  const check = await checkInvariants(storage, { history, decode, quiet: true, signal });
  const secrets = secretsIn(await rig.readLogs());
  const submissions = history.filter(({ call }) => call === 'submit');
  const count = (outcome: string) => submissions.filter((one) => one.outcome === outcome).length;
  const accepted = count('ok');
  const remarks = [
    ...check.violations.map(({ invariant, subject, detail }) => `${invariant} ${subject}: ${detail}`),
    ...secrets.map((secret) => `I14 ${secret}`),
  ];
  return {
    measures: [
      // A submission that was not answered may have made a job as well.
      promise('accepted jobs not completed', Math.max(0, accepted - check.jobs.completed), '=', 0),
      promise('submissions without an answer', count('unknown'), '=', 0),
      promise('broken promises', remarks.length, '=', 0),
    ],
    remarks: remarks.slice(0, mostRemarks),
  };
}

async function decode(bytes: Buffer): Promise<{ width: number; height: number }> {
  const { info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  return info;
}

function secretsIn(logs: ReadonlyMap<string, string>): string[] {
  return [...logs].flatMap(([name, text]) => findSecrets(text, []).map((found) => `${name}: ${found}`));
}
