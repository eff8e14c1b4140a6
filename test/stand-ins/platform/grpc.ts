import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Server, ServerCredentials, status, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import { loadPackageDefinition, type GrpcObject, type ServiceClientConstructor } from "@grpc/grpc-js";
import { fromJSON } from "@grpc/proto-loader";
import { Failure, type Faults } from "./faults.ts";

// The protos define the messages; types would only repeat them.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Message = any;

/** One gRPC service: its methods by their names. */
export interface GrpcService {
  /** The package of the client with the protos: `tasks`. */
  client: string;
  /** `google.cloud.tasks.v2.CloudTasks` */
  name: string;
  /** The prefix under which its calls are counted: `Tasks`. */
  called: string;
  methods: Record<string, (request: Message) => Message>;
}

export interface GrpcServer {
  address: string;
  close(): void;
}

/**
 * Serves services without TLS on one free port. Methods without implementation answer
 * UNIMPLEMENTED.
 */
export async function startGrpc(faults: Faults, services: GrpcService[]): Promise<GrpcServer> {
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  for (const service of services) {
    const { service: definition } = protos(service.client, service.name);
    const implementation = Object.fromEntries(
      Object.entries(service.methods).map(([method, carryOut]) => [
        method,
        handler((request) =>
          faults.around(`${service.called}.${method}`, request, () => carryOut(request) as unknown),
        ),
      ]),
    );
    server.addService(definition, implementation);
  }
  const port = await new Promise<number>((done, fail) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error ? fail(error) : done(port),
    );
  });
  return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}

/** A handler that answers with a promise's outcome; a Failure becomes its status. */
export const handler =
  (carryOut: (request: Message) => Promise<unknown>) =>
  (call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>): void => {
    carryOut(call.request).then(
      (answer) => callback(null, answer ?? {}),
      (error: Error) =>
        callback({
          code: error instanceof Failure ? status[error.code] : status.INTERNAL,
          details: error.message,
        }),
    );
  };

const OPTIONS = { longs: String, enums: String, defaults: true, oneofs: true };
const loaded = new Map<string, GrpcObject>();

/** A service as the official client's own protos define it. */
function protos(client: string, name: string): ServiceClientConstructor {
  if (!loaded.has(client)) {
    // The package does not export the file.
    const entry = fileURLToPath(import.meta.resolve(`@google-cloud/${client}`));
    const json = `${entry.slice(0, entry.lastIndexOf("/build/"))}/build/protos/protos.json`;
    const root = JSON.parse(readFileSync(json, "utf8")) as Parameters<typeof fromJSON>[0];
    loaded.set(client, loadPackageDefinition(fromJSON(root, OPTIONS)));
  }
  return name
    .split(".")
    .reduce<Message>((part, key) => part[key], loaded.get(client)) as ServiceClientConstructor;
}

/** Reads a protobuf Duration in seconds. */
export const secondsOf = (duration?: { seconds?: string | number; nanos?: number } | null): number =>
  Number(duration?.seconds ?? 0) + (duration?.nanos ?? 0) / 1e9;

export const timestamp = (milliseconds: number) => ({
  seconds: String(Math.floor(milliseconds / 1000)),
  nanos: (milliseconds % 1000) * 1_000_000,
});
