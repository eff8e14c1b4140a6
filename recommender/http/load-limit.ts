import type { Socket } from "node:net";
import type { FastifyInstance, FastifyRequest, preValidationHookHandler } from "fastify";
import { SHOP_PATH } from "../../contracts/http/shop-path.ts";
import type { ServiceMetrics } from "../observe/service-metrics.ts";
import type { Shops } from "../shops.ts";
import type { Connections } from "./connections.ts";
import { Overload } from "./errors.ts";

/**
 * Requests of one connection that may be under way. Browsers and proxies send one after the other;
 * who sends many at once and reads no answer would have us keep all of them.
 */
const MOST_PIPELINED = 10;

const UNDER_WAY = Symbol("requests under way");
type Counted = Socket & { [UNDER_WAY]?: number };

/**
 * Takes on so many requests at once and the urgent ones, sends the others away, and counts and
 * times all of them.
 */
export function limitLoad(
  app: FastifyInstance,
  maxConcurrent: number,
  { shops, metrics, connections }: { shops: Shops; metrics: ServiceMetrics; connections: Connections },
): void {
  let atWork = 0;
  /** True if there was a place. */
  const take = (places: number) => places === 0 || (atWork += places) <= maxConcurrent;
  const leave = () => void atWork--;
  const countsOf = (request: FastifyRequest) => shops.find(request)?.metrics ?? metrics.others;
  const overload = (request: FastifyRequest, where?: "on one connection") => {
    countsOf(request).refused.add(["overload"]);
    return new Overload(where);
  };

  app.addHook("onRequest", (request, reply, done) => {
    const { config } = request.routeOptions;
    const route = config?.counted ?? "none";
    const { method } = request;
    const startedAt = performance.now();
    const socket: Counted = request.raw.socket;
    const before = socket[UNDER_WAY] ?? 0;
    socket[UNDER_WAY] = before + 1;
    if (before === 0) connections.begin(socket);
    // A probe takes nobody's place, and what has a body takes one below.
    const place = hasBody(method) || config?.isUrgent ? 0 : 1;
    const isTaken = take(place);
    // Also when the client has gone before the answer.
    reply.raw.on("close", () => {
      atWork -= place;
      if (--socket[UNDER_WAY]! === 0) connections.end(socket);
      const status = reply.raw.writableEnded ? reply.raw.statusCode : "aborted";
      const { requests, durations } = countsOf(request);
      requests.add([method, route, status]);
      durations.observe(route, (performance.now() - startedAt) / 1000);
    });
    if (before >= MOST_PIPELINED) return done(overload(request, "on one connection"));
    done(isTaken ? undefined : overload(request));
  });

  // A body may take its time, and its sender need have no key: only when it is there is there work,
  // which takes a place.
  const takePlace: preValidationHookHandler = (request, reply, done) => {
    if (reply.raw.destroyed) return done();
    reply.raw.on("close", leave);
    done(take(1) ? undefined : overload(request));
  };
  app.addHook("onRoute", (route) => {
    route.config = { ...route.config, counted: route.url.replace(SHOP_PATH, "") || "/" };
    if (route.config?.isUrgent || ![route.method].flat().every(hasBody)) return;
    route.preValidation = [takePlace, ...[route.preValidation ?? []].flat()];
  });
}

/** Fastify reads none with the others. */
const hasBody = (method: string) => method !== "GET" && method !== "HEAD";
