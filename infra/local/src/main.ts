// The whole service on one machine: npm start.
import { run } from './run.ts';

const programs = {
  functionApp: new URL('../../../azure-function/src/main.ts', import.meta.url).href,
  worker: new URL('../../../container-app/src/main.ts', import.meta.url).href,
};
process.exitCode = await run(programs, process.argv.slice(2));
process.exit();
