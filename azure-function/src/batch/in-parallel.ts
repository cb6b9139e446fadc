// The same work on each job of a batch, so many at a time.
import { bulkhead } from 'cockatiel';

const atOnce = 16;

/**
 * Waits for all that was begun, whatever happens. Once one has failed no other is begun, unless it is `tenacious`.
 * @returns what came of each, in order.
 * @throws the first error.
 */
export async function inParallel<Item, Outcome>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Outcome>,
  { tenacious = false } = {},
): Promise<Outcome[]> {
  const lanes = bulkhead(atOnce, Number.POSITIVE_INFINITY);
  const errors: unknown[] = [];
  const one = async (item: Item, index: number): Promise<Outcome[]> => {
    if (errors.length > 0 && !tenacious) return [];
    try {
      return [await work(item, index)];
    } catch (error) {
      errors.push(error);
      return [];
    }
  };
  const outcomes = await Promise.all(items.map((item, index) => lanes.execute(() => one(item, index))));
  if (errors.length > 0) throw errors[0];
  return outcomes.flat();
}
