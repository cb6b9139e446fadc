// The one picture format inside the engine.

/** 8-bit RGB, interleaved, row by row, no padding: `data.length === width * height * 3`. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}
