import { once } from "node:events";
import type { handleBidiStreamingCall, ServerDuplexStream } from "@grpc/grpc-js";
import type { Pair, Prediction } from "../../contracts/personalizer.ts";
import { rowOf } from "../../core/factors/factor-rows.ts";
import type { NewsLog } from "../../serving/following.ts";
import type { PersonalModel } from "../../core/personal/personal-model.ts";
import type { Shops } from "../shops.ts";
import { checkId } from "./checks.ts";
import { failureOf } from "./unary.ts";

type Call = ServerDuplexStream<Pair, Prediction>;

/**
 * Predicts pairs as they come. It reads no further pair while the client does not read its
 * predictions. A stream stays with the models that it began with.
 */
export function predictMatrix(shops: Shops, log: NewsLog): handleBidiStreamingCall<Pair, Prediction> {
  return (call) => {
    const predict = createPredictor(shops);
    pump(call, predict).catch((error: unknown) => {
      if (!call.cancelled) call.emit("error", failureOf(error, call.getPath(), log));
    });
  };
}

async function pump(call: Call, predict: (pair: Pair) => Prediction): Promise<void> {
  const gone = new AbortController();
  call.on("cancelled", () => gone.abort());
  // After a bad pair the stream must still be able to say what was wrong with it.
  for await (const pair of call.iterator({ destroyOnReturn: false }) as AsyncIterable<Pair>) {
    if (!call.write(predict(pair))) await once(call, "drain", { signal: gone.signal });
  }
  call.end();
}

function createPredictor(shops: Shops): (pair: Pair) => Prediction {
  const models = new Map<string, PersonalModel>();
  const modelOf = (shop: string) => {
    const model = models.get(shop) ?? shops.of(shop).model();
    models.set(shop, model);
    return model;
  };
  return ({ shop, user, item }) => {
    const { users, items, snapshot } = modelOf(shop);
    const row = users.find(checkId("user", user));
    const column = snapshot.find(checkId("item", item));
    if (row < 0 || column < 0) return { user, item };
    const score = items.predict(rowOf(users.factors, row), column);
    return score === null ? { user, item } : { user, item, score };
  };
}
