// A worker for the tests of the stack: takes messages from the queue, holds each for a while, removes it.
import { setTimeout as delay } from 'node:timers/promises';
import { connectStorage } from '@impasto/shared/azure';

const { FAKE_CHECK_PROBLEM, FAKE_JOB_MS, STORAGE_CONNECTION_STRING } = process.env;

if (process.argv.includes('--check')) check();
else await work();

function check(): never {
  if (FAKE_CHECK_PROBLEM) {
    process.stderr.write(`${FAKE_CHECK_PROBLEM}\n`);
    process.exit(1);
  }
  process.stdout.write('{"models":["fake@1.0.0"],"executionProviders":["cpu"]}\n');
  process.exit(0);
}

async function work(): Promise<never> {
  let stopping = false;
  const stop = () => {
    stopping = true;
  };
  process
    .on('SIGTERM', stop)
    .on('SIGINT', stop)
    .on('disconnect', () => process.exit(0));
  const { queue } = connectStorage({ STORAGE_CONNECTION_STRING });
  while (!stopping) {
    const message = await queue.receive(60);
    if (message) {
      process.stdout.write('{"level":"info","event":"took a message"}\n');
      await delay(Number(FAKE_JOB_MS ?? 50));
      await message.remove();
      process.stdout.write('{"level":"info","event":"removed a message"}\n');
    }
    await delay(20);
  }
  process.exit(0);
}
