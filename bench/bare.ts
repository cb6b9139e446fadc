// The bare side of the comparison, as the bench sees it.
import { engineEnvironment } from '../container-app/src/engine/engine-environment.ts';
import type { BareAnswer, BareQuestion } from './bare-process.ts';
import { type Partner, startPartner } from './processes.ts';
import { engineSettings, parametersFor } from './settings.ts';

export interface Bare {
  /** Name of the default model. */
  readonly model: string;
  paint(content: Uint8Array, style: Uint8Array, maxSide: number): Promise<BareAnswer>;
  stop(): Promise<void>;
}

/** In the environment that the worker gives its engine, above all with the same settings of the allocator. */
export async function startBare(resources: AsyncDisposableStack): Promise<Bare> {
  const script = new URL('./bare-process.ts', import.meta.url);
  const bare: Partner<BareQuestion, BareAnswer> = startPartner(
    script,
    engineEnvironment(process.env),
    resources,
  );
  const { model } = await bare.ask({ type: 'start', settings: engineSettings() });
  return {
    model,
    stop: bare.stop,
    paint: (content, style, maxSide) =>
      bare.ask({ type: 'paint', request: { content, style, parameters: parametersFor(maxSide, model) } }),
  };
}
