import type { FastifyInstance, FastifyRequest } from "fastify";
import { SHOP_PATH } from "../../contracts/http/shop-path.ts";
import type { Shops } from "../shops.ts";
import { BadRequest, EncodedBody, NoShop, NotAllowed, NotFound } from "./errors.ts";

/**
 * Refuses, before a body is read, what no route or shop is for (404, 405) and what none can read.
 * Call it before the routes are added: it learns of them as they come.
 */
export function refuseUnknown(app: FastifyInstance, shops: Shops): void {
  const methods = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ url, method }) => {
    const known = methods.get(url) ?? new Set();
    methods.set(url, known);
    for (const one of [method].flat()) known.add(one);
  });

  app.addHook("onRequest", (request, _reply, done) => {
    if (request.is404) {
      const path = request.url.split("?")[0];
      const find = (path: string) => [...methods].find(([route]) => fits(route, path))?.[1];
      const allow = find(path);
      if (allow) return done(new NotAllowed(request.method, [...allow].join(", ")));
      return done(new NotFound(request, find(SHOP_PATH + path) !== undefined));
    }
    const { shop } = request.params as { shop?: string };
    if (shop !== undefined && !shops.get(shop)) return done(new NoShop(shop));
    const misplaced = misplacedPart(request);
    if (misplaced) return done(misplaced);
    const encoding = request.headers["content-encoding"];
    done(encoding === undefined || encoding === "identity" ? undefined : new EncodedBody());
  });
}

/** A part of a request that its route would not look at: what it says would be lost. */
function misplacedPart({ method, url, headers }: FastifyRequest): BadRequest | undefined {
  if (method === "POST" && url.includes("?"))
    return new BadRequest("query", "a POST says all in its body: its address has no parameters");
  const hasBody = headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
  if (hasBody && (method === "GET" || method === "HEAD"))
    return new BadRequest("body", "a GET says all in its address: it has no body");
  return undefined;
}

/** True if a route has this path. */
function fits(route: string, path: string): boolean {
  if (route.endsWith("*")) return path.startsWith(route.slice(0, -1));
  const [parts, given] = [route.split("/"), path.split("/")];
  return parts.length === given.length && parts.every((part, k) => part.startsWith(":") || part === given[k]);
}
