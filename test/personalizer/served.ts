import type { ClientDuplexStream } from "@grpc/grpc-js";
import { afterAll } from "vitest";
import { personalizerDefinition } from "../../adapters/grpc/personalizer.ts";
import type {
  Pair,
  PopularRequest,
  Prediction,
  Recommendations,
  UserRequest,
} from "../../contracts/personalizer.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { Objects } from "../../night/state/objects.ts";
import { servePersonalizer, type Personalizer, type PersonalizerOptions } from "../../personalizer/server.ts";
import { allAnswers, call, grpcClient, healthClient, stream } from "../grpc-clients.ts";
import { settingsWith } from "../night/shop.ts";

/** Starts a Personalizer on a free port, until the test file ends. */
export async function started(
  objects: Objects,
  change: Partial<Settings> = {},
  options: Partial<PersonalizerOptions> = {},
): Promise<Personalizer> {
  const settings = settingsWith({ "personalizer.port": 0, ...change });
  const server = await servePersonalizer({ settings, objects, ...options });
  afterAll(() => server.close(0));
  return server;
}

export type PredictionStream = ClientDuplexStream<Pair, Prediction>;

/** A client of grpc-js. What a request leaves out has the default of the protocol. */
export function clientTo({ address }: Pick<Personalizer, "address">) {
  const client = grpcClient(personalizerDefinition, address);
  return {
    recommend: (request: Partial<UserRequest>) =>
      call<Recommendations>(client, "GetUserRecommendations", { shop: "toys", ...request }),
    popular: (request: Partial<PopularRequest>) =>
      call<Recommendations>(client, "GetPopular", { shop: "toys", ...request }),
    predict: () => stream<Pair, Prediction>(client, "PredictMatrix"),
    ...healthClient(address),
  };
}

/** Everything that a stream of predictions answers to these pairs. */
export const predictions = allAnswers<Pair, Prediction>;
