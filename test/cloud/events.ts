import { addDays } from "../../night/run/day.ts";

/** The day so many days ago, by UTC. start-run's yesterday is `daysAgo(1)`. */
export const daysAgo = (days: number): string => addDays(new Date().toISOString().slice(0, 10), -days);

/** The day as in GA4's table names. */
export const suffix = (day: string): string => day.replaceAll("-", "");

/**
 * A day of a small shop: each of its customers looks at items of one shelf, puts some into the
 * basket, buys one. Only the customers differ from day to day, so tonight's lists look like
 * yesterday's.
 */
export function ga4Day(day: string, { customers = 60, shelves = 4 } = {}): object[] {
  const start = Date.parse(`${day}T08:00:00Z`) * 1000;
  const items = (shelf: number, k: number) => {
    const id = `${["tea", "rope", "lamp", "mug"][shelf]}-${k % 5}`;
    return {
      item_id: id,
      item_name: `The ${id}`,
      item_category: `shelf ${shelf}`,
      price: 5 + k,
      quantity: 1,
    };
  };
  const event = (name: string, user: number, at: number, item: object) => ({
    event_date: suffix(day),
    event_timestamp: String(start + at * 1_000_000),
    event_name: name,
    user_pseudo_id: `device-${user}`,
    user_id: user % 3 === 0 ? `user-${user}` : null,
    items: [item],
  });
  return Array.from({ length: customers }, (_, user) => {
    const shelf = user % shelves;
    const seen = [user, user + 1, user * user + 2].map((k) => items(shelf, k));
    return [
      ...seen.map((item, k) => event("view_item", user, user * 10 + k, item)),
      ...(user % 2 === 0 ? [event("add_to_cart", user, user * 10 + 5, seen[1])] : []),
      ...(user % 4 === 0 ? [event("purchase", user, user * 10 + 6, seen[2])] : []),
    ];
  }).flat();
}

/** Tables of so many days, up to the last one. */
export function ga4Tables(last: string, count: number): Map<string, object[]> {
  const days = Array.from({ length: count }, (_, k) => addDays(last, k - count + 1));
  return new Map(days.map((day) => [suffix(day), ga4Day(day)]));
}
