/** True for values that count: each is one more than the last, or begins anew at 0 or 1. */
export function isLineNumber(values: readonly string[]): boolean {
  const counts = (value: string, k: number) =>
    /^\d{1,15}$/.test(value) &&
    (k === 0 || Number(value) <= 1 || Number(value) === Number(values[k - 1]) + 1);
  return values.length >= 3 && values.every(counts);
}

/** True for times of day without a date. */
export function isClock(values: readonly string[]): boolean {
  return (
    values.length > 0 && values.every((value) => /^\d{1,2}:\d\d(:\d\d(\.\d+)?)?( ?[ap]m)?$/i.test(value))
  );
}

/** True for what a header does not say: the file may begin with its first row. */
export const isData = (name: string): boolean => /^(-?\d+([.,]\d+)?|\d{4}-\d\d-\d\d\b.*)$/.test(name.trim());
