// Loaded before a process's own code (node --import): says so on standard error when an SDK of OpenTelemetry is loaded.

import { writeSync } from 'node:fs';
import { registerHooks } from 'node:module';

export const marker = 'the SDK of telemetry is loaded';

const sdk = /@opentelemetry\/(?!api\/)|monitor-opentelemetry-exporter/;
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
