// The stack with a small Function app and a fake worker in place of ours.
import { run } from '../run.ts';

process.exitCode = await run({
  functionApp: new URL('./queue-app.ts', import.meta.url).href,
  worker: new URL('./fake-worker.ts', import.meta.url).href,
});
process.exit();
