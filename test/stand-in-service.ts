import {
  Server,
  ServerCredentials,
  status,
  type MethodDefinition,
  type ServerUnaryCall,
} from "@grpc/grpc-js";

export type Call<Q> = ServerUnaryCall<Q, unknown>;
/** An answer, one's bytes, or a status. A promise that never resolves hangs. */
export type Says<Q> = (
  call: Call<Q>,
) => object | Buffer | keyof typeof status | Promise<object | Buffer | keyof typeof status>;

/** A gRPC service that answers one method as a test says, where the real one would not. */
export async function startStandInOf<Q>(
  name: string,
  method: MethodDefinition<Q, unknown>,
  first: Says<Q>,
  port = 0,
) {
  const responseSerialize = (answer: unknown) =>
    Buffer.isBuffer(answer) ? answer : method.responseSerialize(answer);
  let answerTo = first;
  const calls: Call<Q>[] = [];
  const server = new Server();
  server.addService(
    { [name]: { ...method, responseSerialize } },
    {
      async [name](call: Call<Q>, done: (error: object | null, answer?: unknown) => void) {
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
    answer: (next: Says<Q>) => void (answerTo = next),
    close: () => server.forceShutdown(),
  };
}
