import { answersFrom } from "../../contracts/settings/query.ts";
import { createRanker, type AnswerOptions } from "../../core/ranking/ranker.ts";
import { otherProducts } from "../../core/ranking/popular.ts";
import { isAvailable, SOLD_OUT } from "../../core/ranking/stock.ts";
import { changedStock } from "../../core/model/pushed-stock.ts";
import { neighboursOfRow } from "../../core/model/neighbour-table.ts";
import type { Objects } from "../../night/state/objects.ts";
import { readSnapshot } from "../../night/state/snapshot.ts";
import { countedCategories, listedItems } from "./listing.ts";
import { remembered } from "../../serving/remembered.ts";
import { inSlices } from "../../serving/slices.ts";
import { withFields } from "./result-fields.ts";
import type { Store } from "./store.ts";

/** Models in memory: each is one file, read whole and checked between requests. */
export function snapshotStore(objects: Objects, shop: string, options: AnswerOptions): Store {
  return {
    name: "snapshot",
    async load(model, answers = {}) {
      const snapshot = await readSnapshot(objects, shop, model, inSlices);
      const rank = createRanker(snapshot, answersFrom(options, answers));
      const rowsOf = remembered((ids: ReadonlySet<string>) =>
        ids.size === 0 ? undefined : new Set([...ids].map((id) => snapshot.find(id))),
      );
      let stock = snapshot.stock;
      const details = (row: number) => {
        const price = stock.priceOf(row);
        return {
          name: snapshot.nameOf(row),
          category: snapshot.categoryName(snapshot.categoryOf(row)),
          price: Number.isNaN(price) ? null : price,
          available: isAvailable(stock, row),
          link: snapshot.linkOf(row),
          image: snapshot.imageOf(row),
        };
      };
      return {
        items: snapshot.items,
        async restock(pushed, readAt) {
          stock = pushed ? await inSlices.run(changedStock(snapshot, pushed, readAt)) : snapshot.stock;
        },
        rankingWithout: (blocked) => ({
          when: "now",
          rank: (queries) =>
            rank(queries, { blocked: rowsOf(blocked()), stock }).map((ranking, k) =>
              withFields({ ...ranking, ids: snapshot }, queries[k].fields, details),
            ),
        }),

        async neighbours(item, scenario) {
          const row = snapshot.find(item);
          if (row < 0) return null;
          const found = neighboursOfRow(snapshot.tableOf(scenario), row);
          return found.map(({ item, score }) => ({ item: snapshot.idOf(item), score: score / 1e6 }));
        },

        async describe(items) {
          const rows = items.map((item) => [item, snapshot.find(item)] as const);
          return new Map(rows.filter(([, row]) => row >= 0).map(([item, row]) => [item, details(row)]));
        },

        async presentable(items, out) {
          const rowsOut = [...out].map((item) => snapshot.find(item)).filter((row) => row >= 0);
          const isOther = otherProducts(snapshot, rowsOut);
          return items.filter((item) => {
            if (out.has(item)) return false;
            const row = snapshot.find(item);
            return row < 0 || (stock.availability[row] !== SOLD_OUT && isOther(row));
          });
        },

        list: async (listing) => inSlices.run(listedItems(snapshot, listing)),
        hasScope: (name) => snapshot.scopeItems(name) !== undefined,
        categories: () => countedCategories(snapshot),
      };
    },
    lookups: () => ({ made: 0, failed: 0 }),
    trouble: () => null,
  };
}
