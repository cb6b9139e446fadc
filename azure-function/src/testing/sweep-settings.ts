// The sweeper's settings as the app has them where nobody sets any.
import { environmentSchema, sweepSettings } from '../config.ts';

export const defaultSweepSettings = sweepSettings(
  environmentSchema.parse({ STORAGE_CONNECTION_STRING: 'none' }),
);
