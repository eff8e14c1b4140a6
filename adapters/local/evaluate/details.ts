import type { DuckDBConnection } from "@duckdb/node-api";
import { EVENTS } from "../../../contracts/interactions.ts";
import { beyondAccuracy, type BeyondAccuracy } from "../../../core/evaluation/beyond-accuracy.ts";
import { byLength, byTarget, type Part } from "../../../core/evaluation/parts.ts";
import type { TestUser } from "../../../core/evaluation/quality.ts";
import { ratingsFromEntries, type Ratings } from "../../../core/ratings/ratings.ts";
import { readRatings } from "../similarity/read-ratings.ts";
import type { Ranks } from "./export-ranks.ts";

/** Whom the first way of recommending serves, and what the lists of each way are like. */
export interface Details {
  /** The name of the first way. */
  of: string;
  byLength: Part[];
  byTarget: Part[];
  lists: ({ name: string } & BeyondAccuracy)[];
}

/** Describes the lists that `ranks` has kept. The table `entries` has what was trained on. */
export async function detailsOf(
  connection: DuckDBConnection,
  users: TestUser[],
  ranks: Ranks,
): Promise<Details> {
  const usersOf = await readUsersOfItems(connection);
  const [first] = ranks.names;
  const lists = ranks.listsOf(first);
  const answered = users.map((user, u) => ({ ...user, list: lists[u] }));
  const popularity = usersOf.rowStart.slice(1).map((end, item) => end - usersOf.rowStart[item]);
  return {
    of: first,
    byLength: byLength(answered),
    byTarget: byTarget(answered, popularity),
    lists: ranks.names.map((name) => ({ name, ...beyondAccuracy(ranks.listsOf(name), usersOf) })),
  };
}

/** A row for each item, with the users who had to do with it in ascending order. */
async function readUsersOfItems(connection: DuckDBConnection): Promise<Ratings> {
  const binary = { method: "cosine", vectors: "binary", cap: 0 } as const;
  const eventWeights = { view_item: 1, add_to_cart: 1, purchase: 1 };
  const { users, items, rowStart, item } = await readRatings(connection, EVENTS, { ...binary, eventWeights });
  const user = new Int32Array(item.length);
  for (let u = 0; u < users; u++) user.fill(u, rowStart[u], rowStart[u + 1]);
  return ratingsFromEntries({ users: items, items: users, user: item, item: user });
}
