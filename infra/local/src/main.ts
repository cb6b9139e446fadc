// The whole service on one machine: npm start.
import { run } from './run.ts';

process.exitCode = await run({
  functionApp: new URL('../../../azure-function/src/main.ts', import.meta.url).href,
  worker: new URL('../../../container-app/src/main.ts', import.meta.url).href,
});
process.exit();
