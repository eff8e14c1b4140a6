import { EVENTS, type EventName } from "../../contracts/interactions.ts";
import { alsKnobsOf } from "../../contracts/settings/als.ts";
import { perTable } from "../../contracts/tables.ts";
import { trainFactors } from "../../core/factors/als.ts";
import { turnInto } from "../../core/factors/diagonalize.ts";
import { encodeItemFactors, encodeUserFactors } from "../../core/factors/encode-factors.ts";
import { trainedRows } from "../../core/factors/factor-rows.ts";
import { alone } from "../../core/factors/phases.ts";
import { createWorkspace } from "../../core/factors/workspace.ts";
import { neighbours } from "../../core/library.ts";
import type { Scopes } from "../../core/model/scopes.ts";
import { encodeSnapshot } from "../../core/model/encode.ts";
import { compareUtf8 } from "../../core/text/order.ts";
import type { Objects } from "../../night/state/objects.ts";
import { settingsWith } from "../night/shop.ts";
import { publishSnapshot, type FactorFiles } from "../published.ts";

export const KNOBS = { ...alsKnobsOf(settingsWith()), factors: 4, iterations: 5 };

/** What one user did with one item, once or several times. */
export interface Done {
  user: string;
  item: string;
  event: EventName;
  count: number;
}

const KINDS = ["tea", "ink", "rope"];

/** Thirty users, each with things of one kind; which, and what they did, follows a fixed rule. */
export const HISTORY: Done[] = Array.from({ length: 30 }, (_, u) =>
  Array.from({ length: 5 }, (_, k): Done => {
    const item = `${KINDS[u % 3]}-${(u * 5 + k * k) % 8}`;
    return { user: `user-${u}`, item, event: EVENTS[(u + k) % 3], count: 1 + (k % 2) };
  }),
).flat();

/** What a user did, an entry an item and event. */
export const historyOf = (user: string) => HISTORY.filter((done) => done.user === user);

export const ITEMS = [...new Set(HISTORY.map(({ item }) => item))].sort(compareUtf8);
export const USERS = [...new Set(HISTORY.map(({ user }) => user))].sort(compareUtf8);
const codeOf = (names: string[]) => new Map(names.map((name, code) => [name, code]));

interface Made {
  snapshot: Uint8Array;
  factors: FactorFiles;
}

/** The users of the scope "north", and what they had to do with, the most popular first. */
export const NORTH = USERS.slice(0, 4);
export const POPULAR_IN_NORTH = ITEMS.map((item) => ({
  item,
  users: NORTH.filter((user) => historyOf(user).some((done) => done.item === item)).length,
}))
  .filter(({ users }) => users > 0)
  .sort((a, b) => b.users - a.users);

/** A scope "north", and one that is called as a category is. */
function scopes(): Scopes {
  const north = {
    rows: Int32Array.from(POPULAR_IN_NORTH, ({ item }) => ITEMS.indexOf(item)),
    users: Int32Array.from(POPULAR_IN_NORTH, ({ users }) => users),
  };
  return new Map([
    ["north", north],
    ["tea", north],
  ]);
}

/** The files of a model, as a night makes them. An item's category is its kind. */
export async function madeModel(): Promise<Made> {
  const similar = neighbours(HISTORY, { top: 10, minSupport: 1 });
  const zero = new Int32Array(ITEMS.length);
  const snapshot = encodeSnapshot({
    ids: ITEMS,
    tables: perTable(() => similar.tableOf("similar")),
    catalogue: {
      name: ITEMS.map(() => null),
      category: ITEMS.map((item) => item.split("-")[0]),
      price: ITEMS.map(() => null),
      available: ITEMS.map(() => true),
      users: similar.users,
      views: zero,
      purchases: zero,
    },
    scopes: scopes(),
  });
  return { snapshot, factors: await madeFactors() };
}

async function madeFactors(): Promise<FactorFiles> {
  const itemCode = codeOf(ITEMS);
  const rows = USERS.map((user) => {
    const weights = new Map<number, number>();
    for (const { item, event, count } of historyOf(user)) {
      const code = itemCode.get(item)!;
      weights.set(code, (weights.get(code) ?? 0) + count * KNOBS.eventWeights[event]);
    }
    return [...weights].sort(([a], [b]) => a - b);
  });
  const bought = USERS.map((user) => [
    ...new Set(
      historyOf(user).flatMap(({ item, event }) => (event === "purchase" ? itemCode.get(item)! : [])),
    ),
  ]);
  const offset = offsetsOf(rows);
  const item = Int32Array.from(rows.flat(), ([code]) => code);
  const weight = Float32Array.from(rows.flat(), ([, value]) => value);
  const ratings = {
    users: USERS.length,
    items: ITEMS.length,
    rowStart: offset,
    item,
    value: Float64Array.from(weight),
  };
  const workspace = createWorkspace(ratings, KNOBS, 1);
  await trainFactors(workspace, KNOBS, alone(workspace));
  const items = trainedRows(workspace, "items");
  const users = trainedRows(workspace, "users");
  const turn = turnInto(items);
  turn(users);
  turn(items);
  return {
    items: encodeItemFactors(items, KNOBS),
    users: encodeUserFactors({
      ids: USERS,
      factors: users,
      histories: { offset, item, weight },
      bought: { offset: offsetsOf(bought), item: Int32Array.from(bought.flat()) },
    }),
  };
}

function offsetsOf(lists: readonly unknown[][]): Int32Array {
  const offset = new Int32Array(lists.length + 1);
  lists.forEach((list, k) => (offset[k + 1] = offset[k] + list.length));
  return offset;
}

/** Publishes the model of HISTORY. */
export async function publishPersonal(objects: Objects, model: string, shop = "toys"): Promise<void> {
  const { snapshot, factors } = await madeModel();
  await publishSnapshot(objects, model, snapshot, shop, factors);
}
