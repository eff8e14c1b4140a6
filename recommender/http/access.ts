import { hash } from "node:crypto";
import { isIP } from "node:net";
import type { FastifyInstance } from "fastify";
import { Problem } from "../../contracts/problem.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { ServiceMetrics } from "../observe/service-metrics.ts";
import type { Shop } from "../shop.ts";
import type { Shops } from "../shops.ts";
import { KEY_HEADER, KeyOfAnotherShop, KeyRefused, KeysUnread, Misdirected, type Refusal } from "./errors.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Needs no key: health, and what brings a proof of its own. */
    isPublic?: boolean;
    /** Is answered however much there is to do. */
    isUrgent?: boolean;
    /** The route's name in metrics: its path below the shop's. */
    counted?: string;
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

/**
 * Asks for a key of the shop that a request is for, but on public routes. A request for no shop
 * needs a key of any.
 */
export function requireKeys(app: FastifyInstance, shops: Shops, metrics: ServiceMetrics): void {
  app.addHook("onRequest", (request, _reply, done) => {
    if (request.routeOptions.config?.isPublic) return done();
    const key = request.headers[KEY_HEADER];
    const shop = shops.find(request);
    // Hashes are compared, so that the time of a comparison tells nothing of a key.
    const sha256 = typeof key === "string" ? hash("sha256", key) : null;
    if (sha256 !== null && shop?.keys?.has(sha256)) return done();
    const refusal = refusalOf(sha256, shop, shops);
    if (refusal) (shop?.metrics ?? metrics.others).refused.add(["key"]);
    done(refusal);
  });
}

/** Why a key that is not the shop's is refused. For no shop, a key of any is good. */
function refusalOf(sha256: string | null, shop: Shop | null, shops: Shops): Refusal | undefined {
  if (sha256 === null) return new KeyRefused("a key is needed");
  const all = [...shops];
  const isOfSome = all.some(({ keys }) => keys?.has(sha256));
  if (isOfSome) return shop === null ? undefined : new KeyOfAnotherShop();
  const unread = shop === null ? all : [shop];
  if (unread.some(({ keys }) => !keys?.isKnown())) return new KeysUnread();
  return new KeyRefused("this key is not, or no longer, valid");
}
