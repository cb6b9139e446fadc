// GET /api/docs: the API, for people. The page has no script and fetches nothing, and its headers see to that.
import { createHash } from 'node:crypto';
import { describeApi } from './document.ts';
import { fixedAnswer } from './fixed-answer.ts';
import { icon, renderPage } from './page/page.ts';
import { style } from './page/style.ts';

export function makeGetDocs() {
  return fixedAnswer(() => ({
    text: renderPage(describeApi()),
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': [
        "default-src 'none'",
        `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
        `img-src ${new URL(icon).protocol}`,
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
      'Referrer-Policy': 'no-referrer',
    },
  }));
}
