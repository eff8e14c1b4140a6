import { Type, type Static } from "typebox";
import { Value } from "typebox/value";
import { MAX_BECAUSE, ItemId } from "../../contracts/http/recommendation.ts";
import { CallFailed } from "../../day/calls.ts";
import type { PersonalCall, Personalizer } from "../../day/personal-lists.ts";
import { MAX_ID_BYTES } from "../../contracts/interactions.ts";
import { MAX_MESSAGE_BYTES, PERSONALIZER, type UserRequest } from "../../contracts/personalizer.ts";
import { credentialsFor, type Auth } from "./credentials.ts";
import { personalizerDefinition } from "./personalizer.ts";
import { UnaryClient } from "./unary-client.ts";

/** What the contract lets an answer be. Fields that are not there have their defaults. */
const Recommendations = Type.Object({
  model: Type.String({ minLength: 1, maxLength: 255 }),
  results: Type.Array(
    Type.Object({
      item: ItemId,
      score: Type.Number({ minimum: 0, maximum: 1 }),
      because: Type.Array(ItemId, { maxItems: MAX_BECAUSE }),
    }),
  ),
});
type Recommendations = Static<typeof Recommendations>;

/** A client of the Personalizer at `host:port`. */
export function openPersonalizer(address: string, auth: Auth = "none"): Personalizer {
  const channel = credentialsFor(address, auth);
  const place = { address, channel, name: PERSONALIZER, maxMessageBytes: MAX_MESSAGE_BYTES };
  const client = new UnaryClient({ ...place, definition: personalizerDefinition });
  return {
    recommend: async (call, options) =>
      checked(await client.call("GetUserRecommendations", requestOf(call), options), call),
    close: () => client.close(),
  };
}

const requestOf = ({ history, ...call }: PersonalCall): UserRequest => ({
  ...call,
  exclude: [],
  history: history.map(({ item, event }) => ({ item, event: NAMES[event], count: 1 })),
});

const NAMES = { view_item: "VIEW_ITEM", add_to_cart: "ADD_TO_CART", purchase: "PURCHASE" } as const;

/** @throws CallFailed when it is none that the contract allows. */
function checked(answer: unknown, { n }: PersonalCall): Recommendations {
  const { results } = answer as Recommendations;
  const isOne =
    Value.Check(Recommendations, answer) &&
    results.length <= n &&
    new Set(results.map(({ item }) => item)).size === results.length &&
    results.every(({ item }) => Buffer.byteLength(item) <= MAX_ID_BYTES);
  if (!isOne) throw new CallFailed("GARBAGE", "the answer breaks the contract");
  return {
    model: (answer as Recommendations).model,
    results: results.map(({ item, score, because }) => ({
      item,
      score: Math.round(score * 1e6) / 1e6,
      because,
    })),
  };
}
