/** An answer, or this error after `ms` milliseconds: a broken service may never answer. */
export function inTime<T>(answer: Promise<T>, ms: number, error: string): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(error)), ms).unref();
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
