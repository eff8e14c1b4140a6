import {
  credentials,
  makeClientConstructor,
  Metadata,
  status,
  type ChannelCredentials,
  type ServiceDefinition,
  type ServiceError,
} from "@grpc/grpc-js";
import { MODEL_METADATA } from "../../contracts/personalizer.ts";
import { CallFailed, type CallOptions } from "../../day/calls.ts";

const CHANNEL = {
  // After an outage it would wait up to two minutes between two connections.
  "grpc.initial_reconnect_backoff_ms": 200,
  "grpc.max_reconnect_backoff_ms": 2_000,
  // Retries are the caller's, who has a budget for them.
  "grpc.enable_retries": 0,
  "grpc.service_config_disable_resolution": 1,
};

/** Where a service is, and what its messages are. */
export interface ServiceAddress<D extends ServiceDefinition> {
  /** host:port */
  address: string;
  name: string;
  definition: D;
  maxMessageBytes: number;
  /** By default there is no TLS. */
  channel?: ChannelCredentials;
}

/** Calls methods of a service that have one request and one answer. It connects with the first. */
export class UnaryClient<D extends ServiceDefinition> {
  readonly #client: InstanceType<ReturnType<typeof makeClientConstructor>>;

  constructor({ address, name, definition, maxMessageBytes, channel }: ServiceAddress<D>) {
    const Client = makeClientConstructor(definition, name);
    this.#client = new Client(address, channel ?? credentials.createInsecure(), {
      ...CHANNEL,
      "grpc.max_receive_message_length": maxMessageBytes,
    });
  }

  /** @throws CallFailed */
  call(method: keyof D & string, request: object, options: CallOptions): Promise<unknown> {
    const { deadlineMs, traceparent } = options;
    const metadata = new Metadata();
    metadata.set("traceparent", traceparent);
    return new Promise((resolve, reject) => {
      const done = (error: ServiceError | null, answer: unknown) =>
        error ? reject(failure(error)) : resolve(answer);
      // A deadline with each call: the one of a service config is off by seconds, or none.
      this.#client[method](request, metadata, { deadline: Date.now() + deadlineMs }, done);
    });
  }

  close(): void {
    this.#client.close();
  }
}

function failure(error: ServiceError): CallFailed {
  const model = error.metadata?.get(MODEL_METADATA)[0]?.toString();
  return new CallFailed(status[error.code] ?? "UNKNOWN", error.details, { cause: error, model });
}
