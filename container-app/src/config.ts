// The environment of the worker.
import { logLevels, machineMemoryBytes, storageEnvironment, telemetryEnvironment } from '@impasto/shared';
import { z } from 'zod';
import type { EngineSettings } from './engine/protocol.ts';

const MiB = 1024 * 1024;

/** What the worker keeps for its own process: 250 MiB were resident, measured with two inputs and a result of 43 MiB. */
const parentReserveMiB = 256;

const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most);
const seconds = (least: number, most: number) => z.coerce.number().min(least).max(most);

const variables = z.object({
  ...storageEnvironment,
  ...telemetryEnvironment,
  /**
   * How long a received message stays ours without a renewal, which comes at a third of it. The sweeper counts on a
   * record that is written at least every minute.
   */
  LEASE_SECONDS: count(2, 60).default(60),
  /** Longest pause between two looks into an empty queue. */
  POLL_SECONDS: seconds(0.01, 60).default(1),
  /** How long a running job may go on after SIGTERM before it is handed back. The platform kills at about 50 s. */
  SHUTDOWN_SECONDS: seconds(0, 40).default(40),
  /** How long a running job is held on to while the storage is out; it is handed back then. */
  OUTAGE_SECONDS: seconds(1, 3600).default(600),
  /** How long one picture may take before its engine is killed. */
  INFERENCE_TIMEOUT_SECONDS: seconds(1, 3600).default(300),
  /** ONNX Runtime execution providers in order of preference; the first one must be there. */
  EXECUTION_PROVIDERS: z
    .string()
    .default('cpu')
    .transform((list) => list.split(',').map((name) => name.trim().toLowerCase()))
    .pipe(z.array(z.enum(['cpu', 'cuda', 'tensorrt'])).min(1)),
  /** Where the default model comes from; FILE takes the folder MODEL_PATH. */
  MODEL_SOURCE: z.enum(['BUNDLED', 'FILE']).default('BUNDLED'),
  MODEL_PATH: z.string().min(1).optional(),
  /** Most pixels that the network paints at once; larger pictures are painted smaller and enlarged. */
  MAX_PIXELS: count(65_536, 16_777_216).optional(),
  /** Memory that this worker has with all its processes. */
  MEMORY_LIMIT_MB: count(1536, 1_048_576).default(Math.floor(machineMemoryBytes() / MiB)),
  /** Of it what the engine process may take before it is killed; without MAX_PIXELS the pixel budget follows from it. */
  ENGINE_MEMORY_LIMIT_MB: count(512, 1_048_576).optional(),
  /** Number of passes for models that iterate; the manifest gives default and largest value. */
  NUM_INFERENCE_STEPS: count(1, 100).optional(),
  /** Where probes and metrics are answered; 0 takes any free port. Without it nobody listens. */
  HEALTH_PORT: count(0, 65_535).optional(),
  /** The address to listen at, such as 127.0.0.1; every interface without it, as a probe from outside the container needs. */
  HEALTH_HOST: z.string().min(1).optional(),
  LOG_LEVEL: z.enum(logLevels).default('info'),
});

/** Cross-checks what the single settings cannot say. */
export const environmentSchema = variables.refine(
  ({ MODEL_SOURCE, MODEL_PATH }) => (MODEL_SOURCE === 'FILE') === (MODEL_PATH !== undefined),
  { path: ['MODEL_PATH'], message: 'expected a folder exactly when MODEL_SOURCE is FILE' },
);

export type Config = z.infer<typeof environmentSchema>;

/** What of it the engine process needs to know. */
export function engineSettings(config: Config): EngineSettings {
  return {
    modelSource: config.MODEL_SOURCE,
    modelPath: config.MODEL_PATH,
    executionProviders: config.EXECUTION_PROVIDERS,
    maxPixels: config.MAX_PIXELS,
    memoryLimitBytes: (config.ENGINE_MEMORY_LIMIT_MB ?? config.MEMORY_LIMIT_MB - parentReserveMiB) * MiB,
    passes: config.NUM_INFERENCE_STEPS,
  };
}
