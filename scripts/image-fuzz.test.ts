// A byte fuzzer over good pictures: each mutant passes the door's inspection, and then the engine that paints, as it
// would in the service. It stands outside both apps, which do not know each other.
//
//   FUZZ_RUNS=5000 FUZZ_SEED=1 node --test scripts/image-fuzz.test.ts
//
// Mutant number n of seed s is the first of seed s + n.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { JobError, messageOf, silentLogger } from '@impasto/shared';
import { someParameters } from '@impasto/shared/testing';
import { makeRandom, mutate, type Random } from '@impasto/shared/testing/pictures';
import { inspectImage } from '../azure-function/src/submit/inspect-image.ts';
import { type Engine, startEngine } from '../container-app/src/engine/engine.ts';
import { goodPictures } from '../container-app/src/testing/pictures/good-pictures.ts';
import { workOnce } from '../container-app/src/testing/work-once.ts';

const runs = Number(process.env.FUZZ_RUNS ?? 150);
const firstSeed = Number(process.env.FUZZ_SEED ?? Date.now() % 1e9);
/** One mutant may take this long, on a machine that has other things to do. */
const mostSeconds = 10;
/** A mutant as large as this would be slow because of its size and say little more. */
const mostBytes = 64 * 1024;
/** What a damaged picture may end with. Any other error is a fault of ours. */
const allowedCodes: ReadonlySet<string> = new Set([
  'image_corrupt',
  'unsupported_image_format',
  'too_many_pixels',
]);

let engine: Engine;
let starts = 0;
let pictures: readonly Buffer[] = [];

before(async () => {
  const info = (event: string) => {
    if (event === 'engine.ready') starts += 1;
  };
  const settings = { modelSource: 'BUNDLED', executionProviders: ['cpu'], memoryLimitBytes: 4e9 } as const;
  const log = { ...silentLogger, info };
  engine = await startEngine({ settings, inferenceTimeoutSeconds: mostSeconds, log });
  pictures = (await Promise.all(goodPictures.map(({ make }) => make()))).filter(
    ({ length }) => length < mostBytes,
  );
});
after(() => engine.stop());

describe('mutants of good pictures', () => {
  it('the door lets every good picture in, and reads its size as it is', async () => {
    for (const { what, make, shows } of goodPictures) {
      const { width, height } = inspectImage(await make(), 'content_image');
      // In the file a picture may lie on its side.
      const sides = (...both: number[]) => both.sort((a, b) => a - b);
      assert.deepEqual(sides(width, height), sides(shows.pixels.width, shows.pixels.height), what);
    }
  });

  it('each is refused or ends its job in time, and the next good picture is painted', {
    timeout: 3_600_000,
  }, async (t) => {
    t.diagnostic(`FUZZ_SEED=${firstSeed} FUZZ_RUNS=${runs}`);
    const tally = new Map<string, number>();
    const slowest = { ms: 0, seed: 0 };
    for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
      const { verdict, ms } = await tryMutant(seed);
      tally.set(verdict, (tally.get(verdict) ?? 0) + 1);
      if (ms > slowest.ms) Object.assign(slowest, { ms, seed });
      if (seed % 25 === 0 || seed === firstSeed + runs - 1) await paintGoodPicture(seed);
    }
    for (const [verdict, count] of [...tally].sort()) t.diagnostic(`${count} ${verdict}`);
    t.diagnostic(`slowest: ${Math.round(slowest.ms)} ms, seed ${slowest.seed}`);
    assert.equal(starts, 1, 'the engine process is the one that began');
  });
});

async function tryMutant(seed: number): Promise<{ verdict: string; ms: number }> {
  const random = makeRandom(seed);
  const mutant = mutate(random.pick(pictures), random.pick(pictures), random);
  const started = performance.now();
  try {
    const verdict = isLetIn(mutant)
      ? `accepted, ${await paintMutant(mutant, random)}`
      : 'refused at the door';
    const ms = performance.now() - started;
    assert.ok(ms < mostSeconds * 1000, `took ${Math.round(ms)} ms`);
    return { verdict, ms };
  } catch (error) {
    throw new Error(`${messageOf(error)}; FUZZ_SEED=${seed} FUZZ_RUNS=1 shows it`, { cause: error });
  }
}

function isLetIn(mutant: Buffer): boolean {
  try {
    inspectImage(mutant, 'content_image');
    return true;
  } catch (error) {
    if (error instanceof JobError) return false;
    throw error;
  }
}

/** Most mutants go straight to the engine; every eighth is a whole job. */
async function paintMutant(mutant: Buffer, random: Random): Promise<string> {
  const [good] = pictures;
  assert.ok(good);
  const request = random.below(2) === 0 ? { content: mutant, style: good } : { content: good, style: mutant };
  const parameters = { ...someParameters, maxSide: 64, influence: random.below(2) };
  if (random.below(8) === 0) return endOfJob(await workOnce(engine, request, parameters));
  try {
    await engine.paint({ ...request, parameters });
    return 'painted';
  } catch (error) {
    if (error instanceof JobError && allowedCodes.has(error.code)) return error.code;
    throw error;
  }
}

function endOfJob({ job, letters, results, messages }: Awaited<ReturnType<typeof workOnce>>): string {
  assert.deepEqual([job.attempt, messages], [1, 0]);
  if (job.status === 'completed') {
    assert.deepEqual([letters, results], [[], [job.result.key]]);
    return 'job completed';
  }
  assert.ok(job.status === 'failed' && allowedCodes.has(job.error.code), JSON.stringify(job));
  assert.deepEqual([letters, results], [[job.error.code], []]);
  return `job failed with ${job.error.code}`;
}

async function paintGoodPicture(seed: number): Promise<void> {
  const good = makeRandom(seed).pick(pictures);
  await engine.paint({ content: good, style: good, parameters: { ...someParameters, maxSide: 64 } });
}
