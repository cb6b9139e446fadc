// One row of the corpus: what is sent, and the refusal that has to come back.
import type { RawRequest } from './raw-http.ts';

export interface Row {
  /** Number of the row; a letter tells its variants apart. */
  readonly id: string;
  readonly what: string;
  /** A function where the bytes are too many to keep. */
  readonly request: RawRequest | (() => RawRequest);
  readonly status: number;
  readonly code: string;
  /** JSON Pointer to a field that the answer has to name. */
  readonly pointer?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What the detail has to say. */
  readonly says?: RegExp;
}
