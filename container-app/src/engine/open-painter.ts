// From an engine's settings to a painter with its models: what the engine process runs on.
import { assertSafeDecoder } from './decoder-version.ts';
import type { Model } from './model/model.ts';
import { type ModelRegistry, openRegistry } from './model/registry.ts';
import { makeStyleCache } from './model/style-cache.ts';
import { makePainter, type Painter } from './painter.ts';
import { pixelBudget } from './pixel-budget.ts';
import type { EngineSettings } from './protocol.ts';

interface OpenedPainter {
  readonly painter: Painter;
  readonly models: ModelRegistry;
  /** The default model, loaded. */
  readonly model: Model;
  readonly maxPixels: number;
}

/** @throws JobError `model_unavailable`. */
export async function openPainter(settings: EngineSettings): Promise<OpenedPainter> {
  const { modelSource: source, modelPath: path, executionProviders: providers, passes } = settings;
  assertSafeDecoder();
  const models = await openRegistry({ source, path, providers });
  const model = await models.get();
  const { memory_bytes_per_pixel: bytesPerPixel } = model.manifest;
  const maxPixels = settings.maxPixels ?? pixelBudget(settings.memoryLimitBytes, bytesPerPixel);
  const painter = await makePainter({
    models,
    styles: makeStyleCache(),
    maxPixels,
    ...(passes !== undefined && { defaultPasses: passes }),
  });
  return { painter, models, model, maxPixels };
}
