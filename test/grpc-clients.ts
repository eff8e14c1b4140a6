import {
  credentials,
  makeClientConstructor,
  type Client,
  type ClientDuplexStream,
  type ServiceDefinition,
} from "@grpc/grpc-js";
import { service as healthDefinition } from "grpc-health-check";
import { afterAll } from "vitest";

type Unary = (request: object, options: object, done: (error: Error | null, answer: unknown) => void) => void;
type Watch = (request: object) => AsyncIterable<{ status: string }> & {
  cancel(): void;
  on: ClientDuplexStream<object, object>["on"];
};

/** A client of grpc-js, until the test file ends. */
export function grpcClient(definition: ServiceDefinition, address: string): Client {
  const Constructor = makeClientConstructor(definition, "Service");
  const client = new Constructor(address, credentials.createInsecure());
  afterAll(() => client.close());
  return client;
}

/**
 * A call with a deadline, as a promise. What a request leaves out has the default of the protocol.
 */
export function call<Answer>(client: Client, method: string, request: object): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const options = { deadline: Date.now() + 10_000 };
  const unary = (client as unknown as Record<string, Unary>)[method].bind(client) as Unary;
  unary(request, options, (error, answer) => (error ? reject(error) : resolve(answer as Answer)));
  return promise;
}

/** A stream of requests and answers. */
export function stream<Request, Answer>(client: Client, method: string): ClientDuplexStream<Request, Answer> {
  return (client as unknown as Record<string, () => ClientDuplexStream<Request, Answer>>)[method]();
}

/** Everything that a stream answers to these requests. */
export async function allAnswers<Request, Answer>(
  calls: ClientDuplexStream<Request, Answer>,
  requests: readonly Request[],
): Promise<Answer[]> {
  const found: Answer[] = [];
  for (const request of requests) calls.write(request);
  calls.end();
  for await (const answer of calls as AsyncIterable<Answer>) found.push(answer);
  return found;
}

/** A client of the standard health service. */
export function healthClient(address: string) {
  const client = grpcClient(healthDefinition, address);
  return {
    health: async (service = "") => (await call<{ status: string }>(client, "Check", { service })).status,
    watch: (service = "") => (client as unknown as { Watch: Watch }).Watch({ service }),
  };
}
