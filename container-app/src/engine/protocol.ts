// What parent and engine process say to each other. Pictures are announced here and cross through the picture pipe,
// and only encoded ones: raw pixels would be ten times as many.
import type { ErrorCode, JobParameters, Phase } from '@impasto/shared';
import type { Digests } from './digests.ts';
import type { Painting } from './painter.ts';
import type { Thumbnail } from './thumbnail.ts';

export interface EngineSettings {
  readonly modelSource: 'BUNDLED' | 'FILE';
  readonly modelPath?: string | undefined;
  readonly executionProviders: readonly string[];
  readonly maxPixels?: number | undefined;
  /** What the engine process may take; the pixel budget follows from it where `maxPixels` says nothing. */
  readonly memoryLimitBytes: number;
  readonly passes?: number | undefined;
}

/** The engine as it is once its default model is loaded and warm. */
export interface EngineFacts {
  readonly models: readonly string[];
  readonly executionProvider: string;
  readonly maxPixels: number;
}

/** A painting as it leaves the engine. */
export interface FinishedPainting extends Painting, Digests {
  readonly thumbnail: Thumbnail & Digests;
}

/** The pipe brings the bytes of the content, then those of the style. */
export interface PaintMessage {
  readonly type: 'paint';
  readonly contentBytes: number;
  readonly styleBytes: number;
  readonly parameters: JobParameters;
}

export type ToEngine =
  | { readonly type: 'start'; readonly settings: EngineSettings }
  | PaintMessage
  /** The picture that is being painted is no longer wanted. Says nothing to a process that paints none. */
  | { readonly type: 'stop' };

/** The pipe brings the bytes of the image, then those of the thumbnail. */
export interface PaintedMessage {
  readonly type: 'painted';
  readonly imageBytes: number;
  readonly thumbnailBytes: number;
  readonly painting: Omit<FinishedPainting, 'image' | 'thumbnail'> & {
    readonly thumbnail: Omit<FinishedPainting['thumbnail'], 'image'>;
  };
}

export interface EngineFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
}

export type FromEngine =
  | { readonly type: 'ready'; readonly facts: EngineFacts }
  | { readonly type: 'progress'; readonly phase: Phase; readonly progress: number }
  | PaintedMessage
  /** The picture was given up, as the process was asked to. */
  | { readonly type: 'stopped' }
  | { readonly type: 'failed'; readonly error: EngineFailure };
