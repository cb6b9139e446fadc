// What the worker's own environment asks for, for the sides of the bench that run its engine without it.
import { type JobParameters, parseEnvironment, submissionBodySchema } from '@impasto/shared';
import { environmentSchema } from '../container-app/src/config.ts';
import type { EngineSettings } from '../container-app/src/engine/protocol.ts';

/** The settings that one worker of this environment gives to its engine. */
export function engineSettings(): EngineSettings {
  const config = parseEnvironment(environmentSchema, process.env);
  return {
    modelSource: config.MODEL_SOURCE,
    modelPath: config.MODEL_PATH,
    executionProviders: config.EXECUTION_PROVIDERS,
    maxPixels: config.MAX_PIXELS,
    memoryLimitBytes: config.MEMORY_LIMIT_MB * 1024 ** 2,
    passes: config.NUM_INFERENCE_STEPS,
  };
}

/** A job that leaves everything but the size to the service, as its record keeps it. */
export function parametersFor(maxSide: number, model: string): JobParameters {
  const { shape } = submissionBodySchema;
  return {
    influence: shape.influence.parse(undefined),
    creativity: shape.creativity.parse(undefined),
    additionalPrompt: '',
    outputFormat: shape.output_format.parse(undefined),
    outputQuality: shape.output_quality.parse(undefined),
    maxSide,
    model,
  };
}
