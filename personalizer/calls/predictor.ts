import type { Pair, Prediction } from "../../contracts/personalizer.ts";
import { rowOf } from "../../core/factors/factor-rows.ts";
import type { LoadedModel } from "../model.ts";
import type { Shops } from "../shops.ts";
import { checkId } from "./checks.ts";

/** Predicts the pairs of one stream, which stays with the models that it began with. */
export function createPredictor(shops: Shops): (pair: Pair) => Prediction {
  const models = new Map<string, LoadedModel>();
  const modelOf = (shop: string) => {
    const model = models.get(shop) ?? shops.of(shop).model();
    models.set(shop, model);
    return model;
  };
  return ({ shop, user, item }) => {
    const model = modelOf(shop);
    const { users, items, snapshot } = model;
    const row = shops.of(shop).rowOf(checkId("user", user), model);
    const column = snapshot.find(checkId("item", item));
    if (row < 0 || column < 0) return { user, item };
    const score = items.predict(rowOf(users.factors, row), column);
    return score === null ? { user, item } : { user, item, score };
  };
}
