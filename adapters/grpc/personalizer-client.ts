import { credentials, makeClientConstructor, Metadata, status, type ServiceError } from "@grpc/grpc-js";
import { Type, type Static } from "typebox";
import { Value } from "typebox/value";
import { MAX_BECAUSE, ItemId } from "../../contracts/http/recommendation.ts";
import { CallFailed } from "../../day/calls.ts";
import type { PersonalCall, Personalizer } from "../../day/personal-lists.ts";
import { MAX_ID_BYTES } from "../../contracts/interactions.ts";
import { MAX_MESSAGE_BYTES, PERSONALIZER, type UserRequest } from "../../contracts/personalizer.ts";
import { personalizerDefinition } from "./personalizer.ts";

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

const CHANNEL = {
  "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
  // After an outage it would wait up to two minutes between two connections.
  "grpc.initial_reconnect_backoff_ms": 200,
  "grpc.max_reconnect_backoff_ms": 2_000,
  // Retries are the caller's, who has a budget for them.
  "grpc.enable_retries": 0,
  "grpc.service_config_disable_resolution": 1,
};

/** A client of the Personalizer at `host:port`, without TLS. It connects with the first call. */
export function openPersonalizer(address: string): Personalizer {
  const Client = makeClientConstructor(personalizerDefinition, PERSONALIZER);
  const client = new Client(address, credentials.createInsecure(), CHANNEL);
  return {
    async recommend(call, { deadlineMs, traceparent }) {
      const metadata = new Metadata();
      metadata.set("traceparent", traceparent);
      const answer = await new Promise<unknown>((resolve, reject) => {
        // A deadline with each call: the one of a service config is off by seconds, or none.
        const options = { deadline: Date.now() + deadlineMs };
        const done = (error: ServiceError | null, answer: unknown) =>
          error ? reject(failure(error)) : resolve(answer);
        client["GetUserRecommendations"](requestOf(call), metadata, options, done);
      });
      return checked(answer, call);
    },
    close: () => client.close(),
  };
}

const requestOf = ({ history, ...call }: PersonalCall): UserRequest => ({
  ...call,
  exclude: [],
  history: history.map(({ item, event }) => ({ item, event: NAMES[event], count: 1 })),
});

const NAMES = { view_item: "VIEW_ITEM", add_to_cart: "ADD_TO_CART", purchase: "PURCHASE" } as const;

function failure(error: ServiceError): CallFailed {
  return new CallFailed(status[error.code] ?? "UNKNOWN", error.details, error);
}

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
