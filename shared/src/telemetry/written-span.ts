// A span as one line of the span file says it.
import { z } from 'zod';

const writtenSpanSchema = z.object({
  traceId: z.string(),
  spanId: z.string(),
  /** None: the trace begins with it. The parent may be of a process whose spans are elsewhere. */
  parentId: z.string().optional(),
  service: z.string(),
  name: z.string(),
  kind: z.string(),
  /** Since 1970. */
  startMs: z.number(),
  durationMs: z.number(),
  failed: z.boolean(),
  attributes: z.record(z.string(), z.unknown()),
  /** Ids of other traces that it has to do with. */
  links: z.array(z.string()),
});
export type WrittenSpan = z.infer<typeof writtenSpanSchema>;

/** @throws Error with the number of the line that is none. */
export function readSpans(text: string): WrittenSpan[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index) => {
      try {
        return writtenSpanSchema.parse(JSON.parse(line));
      } catch (cause) {
        throw new Error(
          `Expected a span as JSON, for line ${index + 1} of the span file, received another text`,
          {
            cause,
          },
        );
      }
    });
}
