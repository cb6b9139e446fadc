// Loaded before a process's own code (node --import): says so on standard error when what makes
// and sends spans is loaded.

import { writeSync } from 'node:fs';
import { registerHooks } from 'node:module';

export const marker = 'the SDK of traces is loaded';

const sdk = /@opentelemetry\/(sdk|exporter)-trace|monitor-opentelemetry-exporter/;
let said = false;

registerHooks({
  load: (url, context, next) => {
    if (!said && sdk.test(url)) {
      said = true;
      writeSync(2, `${marker}\n`);
    }
    return next(url, context);
  },
});
