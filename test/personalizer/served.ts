import { setTimeout } from "node:timers/promises";
import { credentials, makeClientConstructor, type Client, type ClientDuplexStream } from "@grpc/grpc-js";
import { service as healthDefinition } from "grpc-health-check";
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

const PersonalizerClient = makeClientConstructor(personalizerDefinition, "Personalizer");
const HealthClient = makeClientConstructor(healthDefinition, "Health");

type Unary = (request: object, options: object, done: (error: Error | null, answer: unknown) => void) => void;

function clientOf(
  Constructor: typeof PersonalizerClient,
  { address }: Pick<Personalizer, "address">,
): Client {
  const client = new Constructor(address, credentials.createInsecure());
  afterAll(() => client.close());
  return client;
}

/** A call with a deadline, as a promise. */
function call<Answer>(client: Client, method: string, request: object): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const options = { deadline: Date.now() + 10_000 };
  ((client as unknown as Record<string, Unary>)[method].bind(client) as Unary)(
    request,
    options,
    (error, answer) => (error ? reject(error) : resolve(answer as Answer)),
  );
  return promise;
}

export type PredictionStream = ClientDuplexStream<Pair, Prediction>;

/** A client of grpc-js. What a request leaves out has the default of the protocol. */
export function clientTo(server: Pick<Personalizer, "address">) {
  const client = clientOf(PersonalizerClient, server);
  const health = clientOf(HealthClient, server);
  return {
    recommend: (request: Partial<UserRequest>) =>
      call<Recommendations>(client, "GetUserRecommendations", { shop: "toys", ...request }),
    popular: (request: Partial<PopularRequest>) =>
      call<Recommendations>(client, "GetPopular", { shop: "toys", ...request }),
    predict: () =>
      (client as unknown as { PredictMatrix(): PredictionStream }).PredictMatrix() as PredictionStream,
    health: async (service = "") => (await call<{ status: string }>(health, "Check", { service })).status,
    watch: (service = "") =>
      (
        health as unknown as {
          Watch(request: object): AsyncIterable<{ status: string }> & {
            cancel(): void;
            on: ClientDuplexStream<object, object>["on"];
          };
        }
      ).Watch({ service }),
  };
}

/** Everything that a stream of predictions answers to these pairs. */
export async function predictions(stream: PredictionStream, pairs: readonly Pair[]): Promise<Prediction[]> {
  const found: Prediction[] = [];
  for (const pair of pairs) stream.write(pair);
  stream.end();
  for await (const prediction of stream as AsyncIterable<Prediction>) found.push(prediction);
  return found;
}

export const soon = () => setTimeout(10);
