import { follow, logLook, type Following, type NewsLog } from "../serving/following.ts";
import { merged, type Look } from "../serving/looks.ts";
import { FollowedHindsight } from "./observe/hindsight-gauges.ts";
import type { Shop } from "./shop.ts";

/**
 * Follows a shop's pointer and its lists. The log and the metrics tell the outcome of each look.
 */
export function followShop(
  {
    settings,
    objects,
    model,
    keys,
    metrics,
  }: Pick<Shop, "settings" | "objects" | "model" | "keys" | "metrics">,
  log: NewsLog,
): Following {
  const hindsight = new FollowedHindsight(objects, settings.shop);
  metrics.show(hindsight.gauges());
  const lists = async () =>
    merged(await Promise.all([model.refreshLists(), hindsight.refresh(), ...(keys ? [keys.refresh()] : [])]));
  return follow([() => refreshCounted({ model, metrics }), lists], (look) => {
    metrics.looks.add([look.problems.length > 0 ? "failed" : "done"]);
    logLook(look, log, { model: model.get()?.name ?? "none" });
  });
}

async function refreshCounted({ model, metrics }: Pick<Shop, "model" | "metrics">): Promise<Look> {
  const before = model.get();
  const look = await model.refreshModel();
  if (model.get() !== before) metrics.swaps.add([]);
  return look;
}
