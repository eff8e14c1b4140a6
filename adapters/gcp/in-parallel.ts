/** Google's APIs take more at once; a function has little to gain from it. */
const AT_ONCE = 10;

/** Does something with each element, some at a time; the results are in the elements' order. Stops at the first failure. */
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
