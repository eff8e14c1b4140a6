import {
  DAYS,
  some,
  usd,
  always,
  instances,
  round,
  TASK_OPERATIONS,
  type CostLine,
  type ShopNumbers,
} from "./lines.ts";
import type { PriceTable } from "./prices.ts";

/**
 * What one list costs to compute, in Datastore's operations: a claim is made, renewed and deleted;
 * the list is looked for once more, written, and deleted when it has expired. Each change in a
 * transaction reads the claim first.
 */
const COMPUTED = { read: 3, written: 3, deleted: 2 };
/** A list that a night computes needs no claim. */
const AHEAD = { read: 0, written: 1, deleted: 1 };

/** The free quota is of one database of a project, which is that of the neighbours. */
const entities = ({ prices }: PriceTable, { read, written, deleted }: typeof AHEAD, count: number) =>
  usd(prices.read, read * count) +
  usd(prices.written, written * count) +
  usd(prices.deleted, deleted * count);

/** Dollars for so many lists that nights compute ahead. */
export const aheadCost = (table: PriceTable, lists: number) => entities(table, AHEAD, lists);

/** Users' own lists, line by line; none for a shop without them. */
export function personalCost(shop: ShopNumbers, table: PriceTable): CostLine[] {
  const { personalRequests, lists, ahead, personalizers } = shop;
  if (personalRequests + lists + ahead + personalizers === 0) return [];
  const { prices } = table;
  const month = DAYS * lists;
  const line = (what: string, cost: number, service = "Datastore") => always(service, what, cost);
  return [
    line(`${round(personalRequests)} users' lists read a day`, usd(prices.read, DAYS * personalRequests)),
    line(`${round(lists)} users' lists computed and written a day`, entities(table, COMPUTED, month)),
    line(`${round(ahead)} users' lists written ahead a night`, aheadCost(table, DAYS * ahead)),
    line(
      `${round(lists)} tasks a day`,
      usd(prices.task, Math.max(0, TASK_OPERATIONS * month - table.free.tasks)),
      "Cloud Tasks",
    ),
    line(`${round(lists)} calls of personalize a day`, usd(prices.call, month), "functions"),
    instances(shop, table, personalizers, some(personalizers, "instance") + " of the Personalizer"),
  ];
}
