// DELETE /api/dead-letters/{id} and DELETE /api/dead-letters: what nobody will replay is thrown away.
import type { BulkPurge } from '@impasto/shared';
import type { Handler, RequestContext } from '../http/respond.ts';
import { purgeSelectionOf } from './forms.ts';
import { inBulk } from './in-bulk.ts';
import { findLetter, idOfLetter, letterIdOf } from './letter-id.ts';
import { type PurgeDependencies, purgeLetter } from './purge-letter.ts';

export function makePurgeDeadLetter(deps: PurgeDependencies): Handler {
  return async (request, context) => {
    const { name, letter } = await findLetter(deps.deadLetters, letterIdOf(request));
    await purge(deps, { name, ...letter }, context);
    return { status: 204 };
  };
}

export function makePurgeDeadLetters(deps: PurgeDependencies): Handler {
  return async (request, context) => {
    const selection = purgeSelectionOf(request);
    const { done, ...rest } = await inBulk(deps.deadLetters, selection, (letter) =>
      purge(deps, letter, context),
    );
    return { jsonBody: { purged: done, ...rest } satisfies BulkPurge };
  };
}

async function purge(
  deps: PurgeDependencies,
  letter: Parameters<typeof purgeLetter>[1],
  { log }: RequestContext,
): Promise<void> {
  await purgeLetter(deps, letter);
  log.info('dead_letter.purged', { id: idOfLetter(letter) });
}
