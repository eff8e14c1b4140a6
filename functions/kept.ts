/** Reads a shop's document, and keeps it for some seconds. Who comes meanwhile shares it. */
export function keptFor<T>(
  seconds: number,
  read: (shop: string) => Promise<T>,
  now: () => number = () => performance.now(),
): (shop: string) => Promise<T> {
  const kept = new Map<string, { until: number; value: Promise<T> }>();
  return (shop) => {
    const found = kept.get(shop);
    if (found && now() < found.until) return found.value;
    const value = read(shop);
    const entry = { until: now() + seconds * 1000, value };
    kept.set(shop, entry);
    // What could not be read is read anew.
    value.catch(() => (entry.until = 0));
    return value;
  };
}
