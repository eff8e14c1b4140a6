import type { QueryItem } from "./query.ts";

/** One query item's part of a result's score, and the next smaller contribution. */
export interface Contribution {
  from: QueryItem;
  value: number;
  next: Contribution | null;
}

/**
 * The reasons for a score: its largest contributions, and the sum of all. Linked list: the
 * contributions are linked, the largest first. Links take a third of the memory of arrays as short
 * as these. Less memory means less time, since a request goes through all of it.
 */
export interface Explained {
  largest: Contribution | null;
  total: number;
}

/**
 * Adds a contribution. The list keeps the `most` largest. Of equal ones it keeps the smaller rows.
 */
export function addContribution(explained: Explained, from: QueryItem, value: number, most: number): void {
  explained.total += value;
  let before: Contribution | null = null;
  let after = explained.largest;
  let left = most;
  while (after !== null && !isSmaller(after, from, value)) {
    before = after;
    after = after.next;
    left--;
  }
  if (left === 0) return;
  const one: Contribution = { from, value, next: after };
  if (before === null) explained.largest = one;
  else before.next = one;
  cutAfter(one, left);
}

/** Shortens a list to `most` contributions. */
function cutAfter(first: Contribution, most: number): void {
  let last = first;
  for (let left = most; left > 1 && last.next !== null; left--) last = last.next;
  last.next = null;
}

const isSmaller = (other: Contribution, from: QueryItem, value: number) =>
  other.value < value || (other.value === value && other.from.row > from.row);
