/** Google's APIs would take more at once, but a function would gain little from it. */
const AT_ONCE = 10;

/**
 * Runs an action on each element, some at a time. Results keep the elements' order. It stops at the
 * first failure.
 */
export async function inParallel<T, R>(
  elements: readonly T[],
  work: (element: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = elements.entries();
  let failed = false;
  const workOff = async () => {
    for (const [k, element] of queue) {
      if (failed) return;
      results[k] = await work(element).catch((error) => {
        failed = true;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, workOff));
  return results;
}
