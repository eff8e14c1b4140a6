/** The most that a batch may cost: the first to arrive should not wait for a crowd. */
const MOST = 64;

/**
 * Collects what arrives in one turn of the event loop, and has it worked on together at its end:
 * under load that is what has come in while the last batch went out, else one alone. What cannot be
 * worked on fails alone.
 */
export function inBatches<T>(
  work: (batch: readonly T[]) => void,
  fail: (one: T, error: unknown) => void,
  costOf: (one: T) => number = () => 1,
): (one: T) => void {
  const waiting: T[] = [];

  function workOn(batch: readonly T[]): void {
    try {
      work(batch);
    } catch (error) {
      if (batch.length === 1) fail(batch[0], error);
      else for (const one of batch) workOn([one]);
    }
  }

  function next(): void {
    let count = 1;
    let cost = costOf(waiting[0]);
    while (count < waiting.length && (cost += costOf(waiting[count])) <= MOST) count++;
    const batch = waiting.splice(0, count);
    if (waiting.length > 0) setImmediate(next);
    workOn(batch);
  }

  return (one) => {
    if (waiting.push(one) === 1) setImmediate(next);
  };
}
