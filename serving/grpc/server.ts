import { setTimeout } from "node:timers/promises";
import {
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { Problem } from "../../contracts/problem.ts";
import type { GrpcServerSettings } from "../../contracts/settings/grpc-server.ts";
import type { Metric } from "../prometheus.ts";
import { CallMetrics } from "./call-metrics.ts";
import { addHealth } from "./health.ts";
import { limitLoad } from "./limits.ts";
import { openOps } from "./ops.ts";
import { addReflection } from "./reflection.ts";

/** Calls of one connection, health checks among them; a client holds further ones back. */
const MOST_ON_A_CONNECTION = 1000;
/** Calls still under way then are cut off. Cloud Run would end the process after ten seconds. */
const CUT_OFF_MS = 8_000;

/** A service, and what its server must know of it. */
export interface Served {
  settings: GrpcServerSettings;
  /** Its full name: steamer.personalizer.v1.Personalizer. */
  service: string;
  definition: ServiceDefinition;
  handlers: UntypedServiceImplementation;
  /** Bytes of a message that a client may send. */
  maxMessageBytes: number;
  /** The compiled files of the contract, for reflection. */
  files: readonly Buffer[];
  /** True while it can answer calls. */
  serves(): boolean;
  /** What it counts itself. */
  metrics(): Metric[];
}

export interface GrpcServer {
  /** host:port */
  address: string;
  /** The operator's listener, if there is one. */
  opsUrl: string | null;
  /** Calls and streams at work now. */
  atWork(): { calls: number; streams: number };
  /** Looks again whether it serves, for health. */
  updateHealth(): void;
  /**
   * Says that it serves no more, ends the calls under way, and closes. What is still open after the
   * bound is cut off: a health watch would stay open for ever.
   */
  close(cutOffMs?: number): Promise<void>;
}

/**
 * Serves a service by gRPC, with health, reflection, limits, and the operator's listener.
 * @throws Problem when a port is taken.
 */
export async function serveGrpc(served: Served): Promise<GrpcServer> {
  const { settings, service } = served;
  const metrics = new CallMetrics();
  const server = new Server({
    "grpc.max_receive_message_length": served.maxMessageBytes,
    "grpc.max_concurrent_streams": MOST_ON_A_CONNECTION,
    interceptors: [limitLoad(settings, metrics)],
  });
  const health = addHealth(server, service, () => served.serves());
  server.addService(served.definition, served.handlers);
  addReflection(server, served.files);
  const address = await listen(server, settings);
  const ops = await openOps(settings, () => metrics.text(served.metrics())).catch((error: unknown) => {
    server.forceShutdown();
    throw error;
  });
  return {
    address,
    opsUrl: ops?.url ?? null,
    atWork: () => ({ ...metrics.atWork }),
    updateHealth: () => health.update(),
    async close(cutOffMs = CUT_OFF_MS) {
      health.end();
      await shutDown(server, cutOffMs);
      ops?.close();
    },
  };
}

async function listen(server: Server, { name, host, port }: GrpcServerSettings): Promise<string> {
  const shown = host.includes(":") ? `[${host}]` : host;
  const bound = Promise.withResolvers<number>();
  server.bindAsync(`${shown}:${port}`, ServerCredentials.createInsecure(), (error, port) =>
    error ? bound.reject(error) : bound.resolve(port),
  );
  try {
    return `${shown}:${await bound.promise}`;
  } catch (cause) {
    const next = `stop who listens there, or choose another --${name}.host or --${name}.port`;
    throw new Problem({ doing: `Listening on ${shown}:${port}`, why: (cause as Error).message, next, cause });
  }
}

async function shutDown(server: Server, cutOffMs: number): Promise<void> {
  const closed = Promise.withResolvers<void>();
  server.tryShutdown(() => closed.resolve());
  const isOver = await Promise.race([
    closed.promise.then(() => true),
    setTimeout(cutOffMs, false, { ref: false }),
  ]);
  if (!isOver) server.forceShutdown();
}
