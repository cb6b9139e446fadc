// Conditional requests (RFC 9110, 13.1.2): who has the newest already is told so, and sent nothing.
import type { HttpRequest } from '@azure/functions';

/** Whether the caller has what this tag stands for; weak and strong tags compare alike. */
export function hasAlready(request: HttpRequest, etag: string): boolean {
  const asked = request.headers.get('if-none-match') ?? '';
  return asked.split(',').some((one) => one.trim().replace(/^W\//, '') === etag || one.trim() === '*');
}
