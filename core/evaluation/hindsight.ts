import { MAX_IDS } from "../../contracts/http/recommendation.ts";
import type { EventName, Interaction } from "../../contracts/interactions.ts";
import type { Deed } from "../../contracts/jobs.ts";
import type { Query } from "../ranking/ranker.ts";
import { hashPlaces } from "../text/hash-order.ts";
import { compareUtf8 } from "../text/order.ts";

/** What is needed of an interaction: `isOfDay` on the day that is asked about, or before it. */
export type Done = Pick<Interaction, "user" | "item" | "event" | "lastAt"> & { isOfDay: boolean };

/** A user of a test: what a request of theirs carries, and the items that a good answer has. */
export interface AskedUser {
  request: Pick<Query, "browsed" | "basket" | "purchased">;
  targets: string[];
}

/** Pairs of a user and an item are counted once. */
export interface DayQuestions {
  asked: AskedUser[];
  /** Pairs that are left out: the user did nothing before, so there is nothing to ask by. */
  unknownUsers: number;
  /** Pairs that are left out: an answer never repeats what the user had. */
  hadBefore: number;
}

/**
 * Asks those who did a thing on a day, by what they had done before it, what they would do. It is
 * the split of `steamer evaluate --holdout days=1`. Histories are as long as a request can be.
 * @param rows all rows of these users, and of others who are not asked
 * @param most users at most, those with the smallest SHA-256 of their ids
 */
export function questionsOf(rows: readonly Done[], deed: Deed, most: number): DayQuestions {
  const byUser = Map.groupBy(rows, ({ user }) => user);
  const isTarget = (row: Done) => row.isOfDay && row.event === deed;
  const users = [...byUser.keys()].filter((user) => byUser.get(user)!.some(isTarget));
  const places = hashPlaces(users);
  const found: DayQuestions = { asked: [], unknownUsers: 0, hadBefore: 0 };
  for (const [k, user] of users.entries()) {
    if (places[k] >= most) continue;
    const own = byUser.get(user)!;
    const before = own.filter(({ isOfDay }) => !isOfDay);
    const had = new Set(before.map(({ item }) => item));
    const done = new Set(own.filter(isTarget).map(({ item }) => item));
    if (before.length === 0) {
      found.unknownUsers += done.size;
      continue;
    }
    const targets = [...done].filter((item) => !had.has(item));
    found.hadBefore += done.size - targets.length;
    if (targets.length > 0) found.asked.push({ request: requestOf(before), targets });
  }
  return found;
}

function requestOf(rows: readonly Done[]): AskedUser["request"] {
  const sorted = rows.toSorted((a, b) => a.lastAt - b.lastAt || compareUtf8(a.item, b.item));
  const of = (event: EventName) => latest(sorted.filter((row) => row.event === event));
  return { browsed: of("view_item"), basket: of("add_to_cart"), purchased: of("purchase") };
}

/** The distinct items of the latest rows, as many as a request may have, the latest last. */
function latest(sorted: readonly Done[]): string[] {
  const items = new Set<string>();
  for (let k = sorted.length - 1; k >= 0 && items.size < MAX_IDS; k--) items.add(sorted[k].item);
  return [...items].reverse();
}
