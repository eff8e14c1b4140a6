import type { MarkedPart } from "./review-store.ts";

/** Has reviews wait again, part by part. Returns how many these are. */
export async function markAll(
  mark: (place?: string) => Promise<MarkedPart>,
  signal: AbortSignal,
): Promise<number> {
  let all = 0;
  for (let place: string | undefined; ;) {
    signal.throwIfAborted();
    const { marked, next } = await mark(place);
    all += marked;
    if (next === null) return all;
    place = next;
  }
}
