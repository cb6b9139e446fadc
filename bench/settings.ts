// What the worker's own environment asks for, for the sides of the bench that run its engine without it.
import { type JobParameters, parseEnvironment, submissionBodySchema } from '@impasto/shared';
import { environmentSchema, engineSettings as settingsOf } from '../container-app/src/config.ts';
import type { EngineSettings } from '../container-app/src/engine/protocol.ts';

/** The settings that one worker of this environment gives to its engine. */
export function engineSettings(): EngineSettings {
  return settingsOf(parseEnvironment(environmentSchema, process.env));
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
