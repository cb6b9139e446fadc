// What parent and engine process say to each other. Only encoded images cross: raw pixels would be ten times as many.
import type { ErrorCode, Phase } from '@impasto/shared';
import type { Painting, PaintRequest } from './painter.ts';

export interface EngineSettings {
  readonly modelSource: 'BUNDLED' | 'FILE';
  readonly modelPath?: string | undefined;
  readonly executionProviders: readonly string[];
  readonly maxPixels?: number | undefined;
  readonly memoryLimitBytes: number;
  readonly passes?: number | undefined;
}

/** The engine as it is once its default model is loaded and warm. */
export interface EngineFacts {
  readonly models: readonly string[];
  readonly executionProvider: string;
  readonly maxPixels: number;
}

export type ToEngine =
  | { readonly type: 'start'; readonly settings: EngineSettings }
  | { readonly type: 'paint'; readonly request: PaintRequest };

export interface EngineFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
}

export type FromEngine =
  | { readonly type: 'ready'; readonly facts: EngineFacts }
  | { readonly type: 'progress'; readonly phase: Phase; readonly progress: number }
  | { readonly type: 'painted'; readonly painting: Painting }
  | { readonly type: 'failed'; readonly error: EngineFailure };
