import { isIP } from "node:net";
import type { FastifyInstance } from "fastify";
import { Problem } from "../../contracts/problem.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { ApiKeys } from "./api-keys.ts";
import type { ServiceMetrics } from "../observe/service-metrics.ts";
import { KEY_HEADER, KeyRefused, KeysUnread, Misdirected } from "./errors.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Needs no key: health, and what brings a proof of its own. */
    isPublic?: boolean;
    /** Is answered however much there is to do. */
    isUrgent?: boolean;
  }
}

/**
 * An open recommender answers all who reach it: it must not be reached from elsewhere.
 * @throws Problem when it would be.
 */
export function checkAccess({ access, host }: Pick<Settings, "access" | "host">): void {
  if (access !== "open" || isLoopback(host)) return;
  const next =
    "choose --access keys (steamer keys add <name>), --access iam (behind Cloud Run's own check), or --host 127.0.0.1";
  const why = "with access open anybody who reaches it could ask, and this host is not the machine's own";
  throw new Problem({ doing: `Listening on ${host}`, why, next });
}

export const isLoopback = (host: string) =>
  host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));

/**
 * A page that somebody opens on this machine must not ask under a name of its own that leads here
 * (DNS rebinding): the host that a request names is a loopback one, or one of the pages that may
 * ask.
 */
export function requireOwnName(app: FastifyInstance, { origins }: Pick<Settings, "origins">): void {
  const allowed = new Set(origins.map((origin) => new URL(origin).host));
  let last: string | undefined;
  app.addHook("onRequest", ({ headers: { host } }, _reply, done) => {
    // Browsers always name one; nearly all requests name the same.
    if (host === undefined || host === last) return done();
    const name = host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");
    if (!isLoopback(name) && !allowed.has(host)) return done(new Misdirected());
    last = host;
    done();
  });
}

/** Asks for a key, but on public routes. */
export function requireKeys(app: FastifyInstance, keys: ApiKeys, metrics: ServiceMetrics): void {
  app.addHook("onRequest", (request, _reply, done) => {
    if (request.routeOptions.config?.isPublic) return done();
    const key = request.headers[KEY_HEADER];
    if (typeof key === "string" && keys.allows(key)) return done();
    metrics.refused.add(["key"]);
    if (key !== undefined && !keys.isKnown()) return done(new KeysUnread());
    const isMissing = key === undefined;
    done(new KeyRefused(isMissing ? "a key is needed" : "this key is not, or no longer, valid"));
  });
}
