import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  status,
  type Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import type { sendUnaryData, ServerUnaryCall } from "@grpc/grpc-js";
import { Failure, type Faults } from "../platform/faults.ts";

const METHODS = [
  "Lookup",
  "RunQuery",
  "RunAggregationQuery",
  "BeginTransaction",
  "Commit",
  "Rollback",
  "AllocateIds",
  "ReserveIds",
];
/** Production's limit, which the emulator does not know. */
const KEYS_A_LOOKUP = 1000;

/** Forwards Datastore's calls byte for byte. */
export async function startDatastoreProxy(target: string, faults: Faults) {
  const unlimited = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
  const client = new Client(target, credentials.createInsecure(), unlimited);
  const server = new Server(unlimited);
  for (const method of METHODS) {
    const path = `/google.datastore.v1.Datastore/${method}`;
    const pass = (
      { request, metadata }: ServerUnaryCall<Buffer, Buffer>,
      callback: sendUnaryData<Buffer>,
    ) => {
      faults
        .around(`Datastore.${method}`, request, () => {
          if (method === "Lookup") checkKeys(request);
          return send(client, path, request, metadata);
        })
        .then(
          (answer) => callback(null, answer),
          (error: Failure | ServiceError) => {
            const code = error instanceof Failure ? status[error.code] : error.code;
            callback({ code, details: error instanceof Failure ? error.message : error.details });
          },
        );
    };
    server.register(path, pass, same, same, "unary");
  }
  const port = await new Promise<number>((done, fail) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error ? fail(error) : done(port),
    );
  });
  const close = () => {
    server.forceShutdown();
    client.close();
  };
  return { address: `127.0.0.1:${port}`, close };
}

const same = (bytes: Buffer) => bytes;

const send = (client: Client, path: string, request: Buffer, metadata: Metadata): Promise<Buffer> =>
  new Promise((done, fail) => {
    client.makeUnaryRequest(path, same, same, request, metadata, (error, answer) =>
      error ? fail(error) : done(answer!),
    );
  });

/** LookupRequest.keys is field 3: this counts them without reading them. */
function checkKeys(request: Buffer): void {
  let [keys, at] = [0, 0];
  const varint = () => {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = request[at++]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
  };
  while (at < request.length) {
    const tag = varint();
    if (tag >> 3 === 3) keys++;
    // A LookupRequest has only varints and fields with a length.
    const length = varint();
    if ((tag & 7) === 2) at += length;
  }
  if (keys <= KEYS_A_LOOKUP) return;
  throw new Failure("INVALID_ARGUMENT", `cannot get more than ${KEYS_A_LOOKUP} keys in a single call`);
}
