// The two meters, by whose names the text for Prometheus tells them apart.
import { type Meter, metrics } from '@opentelemetry/api';

/** What one process measures about itself. */
const ownMeterName = 'impasto';
/** What is seen of the whole service, whoever looks. */
export const fleetMeterName = 'impasto.fleet';

/** After `startMetrics`: an instrument that is made before stays silent. */
export const ownMeter = (): Meter => metrics.getMeter(ownMeterName);
/** After `startMetrics`, too. */
export const fleetMeter = (): Meter => metrics.getMeter(fleetMeterName);
