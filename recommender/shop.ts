import { join } from "node:path";
import type { FastifyBaseLogger } from "fastify";
import { bucketOf } from "../adapters/storage/choose.ts";
import { paths } from "../contracts/layout.ts";
import { haveScopes } from "../contracts/settings/events.ts";
import type { Settings } from "../contracts/settings/settings.ts";
import type { Objects } from "../night/state/objects.ts";
import { createIntake, type AttributionSink, type Intake } from "./attribution/intake.ts";
import { fileSink } from "./attribution/file-sink.ts";
import { logSink } from "./attribution/log-sink.ts";
import { readTokenKey } from "./attribution/token-key.ts";
import { createTokens } from "./attribution/token.ts";
import type { Turns } from "../serving/in-turn.ts";
import { followApiKeys, type ApiKeys } from "./http/api-keys.ts";
import { PointedModel, type CurrentModel } from "./model/current-model.ts";
import { withDeadlines } from "../serving/deadlines.ts";
import { openStore } from "./model/open-store.ts";
import type { Store } from "./model/store.ts";
import type { ShopMetrics } from "./observe/shop-metrics.ts";
import { createPersonalAnswering, type PersonalAnswering } from "./personal/answering.ts";
import type { Lists } from "./personal/lists.ts";
import { openLists } from "./personal/open-lists.ts";
import type { Personal } from "./personal/open-personal.ts";
import { createAnswering, type Answering } from "./recommend/answering.ts";
import { createStateTag } from "./recommend/etag.ts";
import type { OpenReviews } from "./reviews/open-reviews.ts";
import { createShopReviews, type ShopReviews } from "./reviews/shop-reviews.ts";

/** All that belongs to one shop. Routes answer from it, and know nothing of other shops. */
export interface Shop {
  settings: Settings;
  /** The shop's stored documents: its pointer, lists and runs. */
  objects: Objects;
  model: CurrentModel;
  /** The keys that customers need; null where access needs none. */
  keys: ApiKeys | null;
  /** Answers a request for recommendations. */
  answer: Answering;
  /** Answers a user's request for personal recommendations. */
  answerUser: PersonalAnswering;
  /** Users' lists; null where there is no Personalizer. */
  lists: Lists | null;
  /** Null where the settings have none. */
  reviews: ShopReviews | null;
  /** Takes what became of the results. */
  take: Intake;
  metrics: ShopMetrics;
  /**
   * The things that could not be read or written at the last attempt, in words that anybody may
   * see.
   */
  failing(): string[];
  /** Writes down what waits to be. */
  close(): Promise<void>;
}

/** The parts of a shop. */
export interface ShopParts extends Pick<
  Shop,
  "settings" | "objects" | "model" | "keys" | "lists" | "reviews" | "metrics"
> {
  /** The secret that signs attribution tokens. */
  tokenKey: Uint8Array;
  sink: AttributionSink;
}

export function createShop({ tokenKey, sink, ...parts }: ShopParts): Shop {
  const { settings, model, keys, lists, reviews, metrics } = parts;
  const { queryWeights, togetherWeights, halfLife, includeInput } = settings;
  const tokens = createTokens(tokenKey);
  const ratings = reviews?.ratings ?? null;
  const options = [queryWeights, togetherWeights, halfLife, includeInput];
  const stateTag = createStateTag(options, tokenKey, () => ratings?.version ?? "");
  const failing = () => [model, keys, lists, reviews, sink].flatMap((part) => part?.failing() ?? []);
  return {
    ...parts,
    answer: createAnswering({ model, tokens, stateTag, ratings, metrics, failing }),
    answerUser: createPersonalAnswering({
      shop: settings.shop,
      includeInput,
      model,
      tokens,
      lists,
      reviews,
      cacheMs: settings["personal.cacheMs"],
      metrics,
      failing,
    }),
    take: createIntake(tokens, sink, (row) => metrics.countEvent(row)),
    failing,
    async close() {
      reviews?.close();
      await sink.close();
    },
  };
}

/** What a shop is opened with. */
export interface ShopTools {
  log: FastifyBaseLogger;
  metrics: ShopMetrics;
  /** Shops load their models one after the other: memory is needed for one more model only. */
  inTurn: Turns;
  /** Null: there is no Personalizer. */
  personal: Personal | null;
  /** Null: there are no reviews. */
  reviews: OpenReviews | null;
}

/**
 * Opens the shop that the settings name. Its model is not loaded yet: see follow-shop.ts.
 * @throws Problem when a setting that the store needs is missing, or the secret of tokens cannot be
 *   read.
 */
export async function openShop(
  settings: Settings,
  objects: Objects,
  { log, metrics, inTurn, personal, reviews: opened }: ShopTools,
): Promise<Shop> {
  const stored = withDeadlines(objects);
  const found = await openStore(settings, stored);
  const store: Store = { ...found, load: (model, answers) => inTurn(() => found.load(model, answers)) };
  const { key: tokenKey, isShared } = await readTokenKey(settings);
  if (!isShared) log.warn("tokens are signed with a key of this process: name one with tokenKeyFile");
  if (settings.store === "datastore" && haveScopes(settings)) log.warn(NO_SCOPES);
  const model = new PointedModel(stored, settings.shop, store);
  const lists = personal && openLists(settings, model, personal, log);
  const reviews = opened && createShopReviews(settings, opened, log);
  const shop = createShop({
    settings,
    objects: stored,
    model,
    lists,
    reviews,
    keys: settings.access === "keys" ? followApiKeys(stored, settings.shop) : null,
    tokenKey,
    sink: openSink(settings, log),
    metrics,
  });
  metrics.watch({ ...shop, store });
  for (const part of [lists, reviews]) if (part) metrics.show(part.metrics.all());
  return shop;
}

const NO_SCOPES =
  "Datastore has no scopes of users: a scope is a category. For the others set store to snapshot";

function openSink({ data, shop }: Settings, log: FastifyBaseLogger): AttributionSink {
  if (bucketOf(data) !== undefined) return logSink(log);
  const folder = join(data, paths.attribution(shop));
  return fileSink(folder, (error) => log.error({ err: error }, "events could not be written down"));
}
