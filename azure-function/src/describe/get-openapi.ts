// GET /api/openapi.json: the API, for programs.
import { describeApi } from './document.ts';
import { fixedAnswer } from './fixed-answer.ts';

export function makeGetOpenapi() {
  return fixedAnswer(() => ({
    text: JSON.stringify(describeApi()),
    headers: { 'Content-Type': 'application/json' },
  }));
}
