// The stack with a small Function app and a fake worker in place of ours.
import { run } from '../run.ts';

const programs = {
  functionApp: new URL('./queue-app.ts', import.meta.url).href,
  worker: new URL('./fake-worker.ts', import.meta.url).href,
};
process.exitCode = await run(programs, process.argv.slice(2));
process.exit();
