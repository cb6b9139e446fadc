// Loads a Function app as the platform does: its main file is imported, and what it registers is collected.
import { registerHooks } from 'node:module';
import type { Logger } from '@impasto/shared';
import type { ProgrammingModel, RegisteredFunction } from './functions-core.ts';
import { registrations } from './functions-core.ts';
import { type LibraryServer, openLibraryServer } from './library-server.ts';

export interface FunctionApp {
  readonly model: ProgrammingModel;
  /** Every function of the app, whatever triggers it. */
  readonly functions: readonly RegisteredFunction[];
  /** Where requests go to, of an app with `enableHttpStream`. */
  readonly library?: LibraryServer | undefined;
  /** Runs the app's appTerminate hooks, and closes what the library has opened. */
  terminate(): Promise<void>;
}

/**
 * Imports the app and runs its appStart hooks.
 * @param mainUrl file URL of the app's main file.
 * @throws Error when the app throws or registers nothing.
 */
export async function loadApp(mainUrl: string, logger: Logger): Promise<FunctionApp> {
  registrations.logTo((level, category, message) => logAt(logger, level)(message, { category }));
  // The library requires this name, which no package provides: the platform's worker puts its own in the way, too.
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === '@azure/functions-core' ? ourCore : next(specifier, context),
  });
  await import(mainUrl);
  const model = registrations.model();
  if (model === undefined || registrations.functions.length === 0) {
    throw new Error(`Expected an app that registers functions, for the Functions host, received ${mainUrl}`);
  }
  const library = await openLibraryServer(async () => (await model.getCapabilities({})).HttpUri);
  await registrations.runHooks('appStart');
  return {
    model,
    functions: registrations.functions,
    library,
    terminate: async () => {
      await registrations.runHooks('appTerminate');
      library?.close();
    },
  };
}

const ourCore = {
  url: new URL('./functions-core.ts', import.meta.url).href,
  format: 'module-typescript',
  shortCircuit: true,
};

function logAt(logger: Logger, level: string): Logger['info'] {
  if (level === 'critical' || level === 'error') return logger.error;
  if (level === 'warning') return logger.warn;
  return level === 'information' ? logger.info : logger.debug;
}
