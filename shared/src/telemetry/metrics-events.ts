// Warnings and errors of the log as a counter: whatever can go wrong in silence has a line already, and one rule watches
// all of them.
import type { LogFields, Logger } from '../logger.ts';
import { ownMeter } from './metrics-meters.ts';

/**
 * The same logger, which also counts its warnings and errors by event: `impasto.log.events`. Events are constants of the
 * code, so that there are few. Metrics must have been started.
 */
export function countEvents(log: Logger): Logger {
  const events = ownMeter().createCounter('impasto.log.events', {
    description: 'Warnings and errors of the log, by event',
  });
  const counting = (inner: Logger): Logger => {
    const at = (level: 'warn' | 'error') => (event: string, fields?: LogFields) => {
      events.add(1, { level, event });
      inner[level](event, fields);
    };
    return { ...inner, warn: at('warn'), error: at('error'), child: (more) => counting(inner.child(more)) };
  };
  return counting(log);
}
