import { Server, ServerCredentials, status, type ServerUnaryCall } from "@grpc/grpc-js";
import { personalizerDefinition } from "../adapters/grpc/personalizer.ts";
import type { Recommendations, UserRequest } from "../contracts/personalizer.ts";

export type Call = ServerUnaryCall<UserRequest, unknown>;
/** An answer, one's bytes, or a status. A promise that never resolves hangs. */
type Answer = object | Buffer | keyof typeof status;

/** A Personalizer that answers as a test says, where the real one would not. */
export async function startStandIn(first: (call: Call) => Answer | Promise<Answer>, port = 0) {
  const method = personalizerDefinition.GetUserRecommendations;
  const responseSerialize = (answer: Answer) =>
    Buffer.isBuffer(answer) ? answer : method.responseSerialize(answer as Recommendations);
  let answerTo = first;
  const calls: Call[] = [];
  const server = new Server();
  server.addService(
    { GetUserRecommendations: { ...method, responseSerialize } },
    {
      async GetUserRecommendations(call: Call, done: (error: object | null, answer?: unknown) => void) {
        calls.push(call);
        const answer = await answerTo(call);
        if (typeof answer === "string") done({ code: status[answer], details: `it says ${answer}` });
        else done(null, answer);
      },
    },
  );
  const bound = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    ),
  );
  return {
    address: `127.0.0.1:${bound}`,
    port: bound,
    calls,
    answer: (next: typeof first) => void (answerTo = next),
    close: () => server.forceShutdown(),
  };
}

/** A list as the contract has it: the best first. */
export const listOf = (items: string[], model: string) => ({
  model,
  results: items.map((item, k) => ({ item, score: 1 / (k + 1), because: ["toys-0000"] })),
});
