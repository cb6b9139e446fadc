// The environment of the local stack, and the environments that it makes for its child processes. Settings of
// the worker and of the Function app pass through: those apps parse them themselves.
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { type Environment, limits, machineMemoryBytes, parseEnvironment } from '@impasto/shared';
import { z } from 'zod';

export const environmentSchema = z.object({
  /** 0 takes any free port. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(7071),
  /** Relative to the current directory. */
  IMPASTO_DATA_DIR: z.string().default('.impasto'),
  MAX_REPLICAS: z.coerce.number().int().min(1).optional(),
  /** One's own, in place of the one that is made at the first start. */
  WEBHOOK_SECRETS: z.string().optional(),
  /** Time without any message after which the last worker is stopped. */
  COOLDOWN_SECONDS: z.coerce.number().min(0).default(60),
  /** Time between two looks at the queue whether there is anything to do. */
  POLLING_SECONDS: z.coerce.number().positive().default(1),
  /** Time between two looks how many workers that takes; as often as the others where it is not set. */
  SYNC_SECONDS: z.coerce.number().positive().optional(),
});

const defaultMaxReplicas = 3;
/** What the first callers are told: here nothing has to be pulled or placed, only a process started. */
const localColdStart = '1-10';
/** The least that the worker takes as its limit. */
const leastWorkerMiB = 1536;

export interface LocalConfig {
  readonly port: number;
  /** Absolute path. */
  readonly dataDir: string;
  readonly maxReplicas: number;
  /** What was asked for, where the machine has fewer cores than that. */
  readonly cappedFrom?: number;
  readonly cooldownSeconds: number;
  readonly pollingSeconds: number;
  readonly syncSeconds: number;
  /** Where the user has set some. */
  readonly webhookSecrets?: string;
  /** Where the spans of all processes go, when telemetry is on. */
  readonly spanFile?: string;
}

/**
 * @param cores how many workers can run side by side on this machine.
 * @throws Error that lists every problem.
 */
export function readConfig(
  environment: Environment = process.env,
  cores: number = availableParallelism(),
): LocalConfig {
  const settings = parseEnvironment(environmentSchema, environment);
  const asked = settings.MAX_REPLICAS;
  return {
    port: settings.PORT,
    dataDir: resolve(settings.IMPASTO_DATA_DIR),
    maxReplicas: Math.min(asked ?? defaultMaxReplicas, cores),
    ...(asked !== undefined && asked > cores && { cappedFrom: asked }),
    cooldownSeconds: settings.COOLDOWN_SECONDS,
    pollingSeconds: settings.POLLING_SECONDS,
    syncSeconds: settings.SYNC_SECONDS ?? settings.POLLING_SECONDS,
    ...(settings.WEBHOOK_SECRETS !== undefined && { webhookSecrets: settings.WEBHOOK_SECRETS }),
  };
}

/** What every child gets: the caller's environment, and a place for compiled code that makes a second start quicker. */
export function childEnvironment(dataDir: string, own: Environment): Environment {
  return withDefaults({ NODE_COMPILE_CACHE: resolve(dataDir, 'compile-cache') }, own);
}

/** @param connectionString left out for the check before the storage is there. */
export function workerEnvironment(config: LocalConfig, connectionString?: string): Environment {
  const share = Math.floor(machineMemoryBytes() / 1024 ** 2 / config.maxReplicas);
  return {
    ...withDefaults({ MEMORY_LIMIT_MB: String(Math.max(leastWorkerMiB, share)) }, {}),
    ...(connectionString !== undefined && { STORAGE_CONNECTION_STRING: connectionString }),
    // Several workers on one machine: each takes a port that is free, and says which.
    ...(config.spanFile !== undefined && {
      TRACE_FILE: config.spanFile,
      HEALTH_PORT: '0',
      HEALTH_HOST: '127.0.0.1',
    }),
  };
}

export function functionsHostEnvironment(
  config: LocalConfig,
  facts: { connectionString: string; models: readonly string[]; appUrl: string; webhookSecrets: string },
): Environment {
  return {
    ...withDefaults(
      {
        FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: String(limits.maxBodyBytes),
        COLD_START_SECONDS: localColdStart,
        WEBHOOK_ALLOW_LOOPBACK: 'true',
      },
      {},
    ),
    PORT: String(config.port),
    FUNCTION_APP_URL: facts.appUrl,
    STORAGE_CONNECTION_STRING: facts.connectionString,
    MODELS: facts.models.join(','),
    WEBHOOK_SECRETS: facts.webhookSecrets,
    MAX_REPLICAS: String(config.maxReplicas),
    ...(config.spanFile !== undefined && { TRACE_FILE: config.spanFile }),
  };
}

/** The environment of the Azurite process. */
export function azuriteEnvironment(): { AZURITE_DATA_DIR: string } {
  return parseEnvironment(z.object({ AZURITE_DATA_DIR: z.string() }), process.env);
}

/** Defaults give way to what the caller's environment says, our own values do not. */
function withDefaults(defaults: Record<string, string>, own: Environment): Environment {
  const set = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
  return { ...defaults, ...set, ...own };
}
