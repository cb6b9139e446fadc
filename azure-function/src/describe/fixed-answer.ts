// Texts that stay as they are until the service is another one: sent whole, or "not changed" to who has them.
import { createHash } from 'node:crypto';
import { hasAlready } from '../http/entity-tag.ts';
import type { Handler } from '../http/respond.ts';

interface FixedText {
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** @param make is called once, when the text is first asked for. */
export function fixedAnswer(make: () => FixedText): Handler {
  let made: (FixedText & { readonly etag: string }) | undefined;
  return async (request) => {
    made ??= tagged(make());
    const headers = { ...made.headers, ETag: made.etag, 'Cache-Control': 'no-cache' };
    return hasAlready(request, made.etag) ? { status: 304, headers } : { body: made.text, headers };
  };
}

function tagged({ text, headers }: FixedText) {
  return { text, headers, etag: `"${createHash('sha256').update(text).digest('base64url')}"` };
}
