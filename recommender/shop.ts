import { join } from "node:path";
import type { FastifyBaseLogger } from "fastify";
import { bucketOf } from "../adapters/storage/choose.ts";
import { paths } from "../contracts/layout.ts";
import type { Settings } from "../contracts/settings/settings.ts";
import type { Objects } from "../night/state/objects.ts";
import { createIntake, type AttributionSink, type Intake } from "./attribution/intake.ts";
import { fileSink, logSink } from "./attribution/sinks.ts";
import { readTokenKey } from "./attribution/token-key.ts";
import { createTokens, type Tokens } from "./attribution/token.ts";
import { followApiKeys, type ApiKeys } from "./http/api-keys.ts";
import { NoModel } from "./http/errors.ts";
import { PointedModel, type CurrentModel } from "./model/current-model.ts";
import { withDeadlines } from "./model/deadlines.ts";
import type { LoadedModel } from "./model/loaded-model.ts";
import { openStore } from "./model/open-store.ts";
import type { ServiceMetrics } from "./observe/service-metrics.ts";
import { createStateTag, type StateTag } from "./recommend/etag.ts";

/** All that belongs to one shop. Routes answer from it, and know nothing of other shops. */
export interface Shop {
  settings: Settings;
  /** The shop's stored documents: its pointer, lists and runs. */
  objects: Objects;
  model: CurrentModel;
  /** The keys that customers need; null where access needs none. */
  keys: ApiKeys | null;
  tokens: Tokens;
  take: Intake;
  stateTag: StateTag;
  /**
   * The things that could not be read or written at the last attempt, in words that anybody may
   * see.
   */
  failing(): string[];
  /** Writes down what waits to be. */
  close(): Promise<void>;
}

/** The parts of a shop. */
export interface ShopParts extends Pick<Shop, "settings" | "objects" | "model" | "keys"> {
  /** The secret that signs attribution tokens. */
  tokenKey: Uint8Array;
  sink: AttributionSink;
  metrics: ServiceMetrics;
}

export function createShop({ tokenKey, sink, metrics, ...parts }: ShopParts): Shop {
  const { settings, model, keys } = parts;
  const { queryWeights, togetherWeights, includeInput } = settings;
  const tokens = createTokens(tokenKey);
  return {
    ...parts,
    tokens,
    take: createIntake(tokens, sink, (row) => metrics.countEvent(row)),
    stateTag: createStateTag([queryWeights, togetherWeights, includeInput], tokenKey),
    failing: () => [...model.failing(), ...(keys?.failing() ?? []), ...sink.failing()],
    close: () => sink.close(),
  };
}

/**
 * Opens the shop that the settings name. Its model is not loaded yet: see follow-shop.ts.
 * @throws Problem when a setting that the store needs is missing, or the secret of tokens cannot be
 *   read.
 */
export async function openShop(
  settings: Settings,
  objects: Objects,
  { log, metrics }: { log: FastifyBaseLogger; metrics: ServiceMetrics },
): Promise<Shop> {
  const stored = withDeadlines(objects);
  const store = await openStore(settings, stored);
  const { key: tokenKey, isShared } = await readTokenKey(settings);
  if (!isShared) log.warn("tokens are signed with a key of this process: name one with tokenKeyFile");
  const shop = createShop({
    settings,
    objects: stored,
    model: new PointedModel(stored, settings.shop, store),
    keys: settings.access === "keys" ? followApiKeys(stored, settings.shop) : null,
    tokenKey,
    sink: openSink(settings, log),
    metrics,
  });
  metrics.watch(shop, store);
  return shop;
}

function openSink({ data, shop }: Settings, log: FastifyBaseLogger): AttributionSink {
  if (bucketOf(data) !== undefined) return logSink(log);
  const folder = join(data, paths.attribution(shop));
  return fileSink(folder, (error) => log.error({ err: error }, "events could not be written down"));
}

/** @throws NoModel before the first night, and while no model could be loaded. */
export function modelOf({ model, failing }: Pick<Shop, "model" | "failing">): LoadedModel {
  const current = model.get();
  if (!current) throw new NoModel(failing());
  return current;
}
