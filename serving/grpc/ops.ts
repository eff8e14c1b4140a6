import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Problem } from "../../contracts/problem.ts";
import type { GrpcServerSettings } from "../../contracts/settings/grpc-server.ts";

export interface Ops {
  url: string;
  close(): void;
}

/**
 * The operator's listener: GET /metrics, in Prometheus' text format. Null: the settings want none.
 * @throws Problem when the port is taken.
 */
export async function openOps(
  { name, opsHost: host, opsPort: port }: GrpcServerSettings,
  metrics: () => string,
): Promise<Ops | null> {
  if (port === undefined) return null;
  const server = createServer(({ method, url }, response) => {
    const isKnown = method === "GET" && url === "/metrics";
    response.writeHead(isKnown ? 200 : 404, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
    response.end(isKnown ? metrics() : "there is GET /metrics\n");
  });
  try {
    await once(server.listen(port, host), "listening");
  } catch (cause) {
    const next = `choose another --${name}.ops-port`;
    throw new Problem({ doing: `Listening on ${host}:${port}`, why: (cause as Error).message, next, cause });
  }
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
